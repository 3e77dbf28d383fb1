using EventBus;
using EventBus.Hosting.Configuration;
using EventBus.Hosting.Lifecycle;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets a host start and stop the event bus.</summary>
public static class EventBusHostingServiceCollectionExtensions
{
    /// <summary>Starts the bus with the host, before any other hosted service or server starts, and stops it after all of them have stopped; settles until then what was accepted, within the
    /// host's limit. Takes operational settings of subscriptions from configuration. Every module may call this; before or after <c>AddEventBus</c>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>What is wrong with the bus, with its configuration or with its event log fails the start of the host, before traffic comes: an <see cref="EventBusConfigurationException"/>, which names
    /// every mistake, or an <see cref="EventLogException"/>.</remarks>
    public static IServiceCollection AddEventBusHosting(this IServiceCollection services, Action<EventBusHostingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null)
            services.Configure(configure);
        if (services.Any(static service => service.ServiceType == typeof(SubscriptionsInConfiguration)))
            return services;
        services.AddOptions<EventBusHostingOptions>().Validate(static options => options.StopLimit > TimeSpan.Zero, "EventBusHostingOptions.StopLimit must be positive: it is how long a stop of the whole host may take.");
        services.AddSingleton<SubscriptionsInConfiguration>();
        services.AddSingleton<ConfigurationWatch>();
        services.AddEventBus(static bus => bus.ConfigureSubscriptions(static (provider, subscriptions) => provider.GetRequiredService<SubscriptionsInConfiguration>().Apply(subscriptions)));
        return services.AddHostedService<HostedBus>();
    }
}
