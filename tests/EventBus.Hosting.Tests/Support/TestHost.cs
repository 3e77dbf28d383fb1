using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Tests.Support;

/// <summary>A generic host with a bus, its configuration in memory, and what it logs.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;

    private TestHost(IHost host, LogLines lines)
    {
        _host = host;
        Lines = lines;
    }

    public LogLines Lines { get; }

    public IServiceProvider Services => _host.Services;

    public IEventBus Bus => Services.GetRequiredService<IEventBus>();

    public IConfigurationRoot Configuration => (IConfigurationRoot)Services.GetRequiredService<IConfiguration>();

    public static TestHost Create(Action<EventBusBuilder> bus, Action<IServiceCollection>? services = null, Action<EventBusHostingOptions>? hosting = null, params (string Key, string? Value)[] configuration)
    {
        var lines = new LogLines();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(configuration.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value)));
        builder.Logging.AddProvider(lines);
        // The bus's own limits are what is tested; the host's is real time.
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddEventBus(bus).AddEventBusHosting(hosting);
        services?.Invoke(builder.Services);
        return new(builder.Build(), lines);
    }

    public static async Task<TestHost> StartAsync(Action<EventBusBuilder> bus, Action<IServiceCollection>? services = null, Action<EventBusHostingOptions>? hosting = null, params (string Key, string? Value)[] configuration)
    {
        var host = Create(bus, services, hosting, configuration);
        await host.StartAsync();
        return host;
    }

    public Task StartAsync() => _host.StartAsync().Soon();

    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Changes the configuration, and has that noticed.</summary>
    public void Reload(params (string Key, string? Value)[] changes)
    {
        foreach (var (key, value) in changes)
            Configuration[key] = value;
        Configuration.Reload();
    }

    public ValueTask DisposeAsync() => ((IAsyncDisposable)_host).DisposeAsync();
}
