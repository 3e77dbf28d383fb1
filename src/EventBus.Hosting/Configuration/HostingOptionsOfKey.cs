using Microsoft.Extensions.Options;

namespace EventBus.Hosting.Configuration;

/// <summary>The options of one of several buses.</summary>
internal sealed class HostingOptionsOfKey(IOptionsMonitor<EventBusHostingOptions> options, string key) : IOptions<EventBusHostingOptions>
{
    public EventBusHostingOptions Value => options.Get(key);
}
