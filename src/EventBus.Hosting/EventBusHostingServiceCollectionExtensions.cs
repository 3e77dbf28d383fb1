using EventBus;
using EventBus.Hosting.Configuration;
using EventBus.Hosting.Lifecycle;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets a host start and stop the event bus.</summary>
public static class EventBusHostingServiceCollectionExtensions
{
    /// <summary>Starts the bus with the host, before any other hosted service or server starts, and stops it after all of them have stopped; settles until then what was accepted, within the
    /// host's limit. Takes operational settings of subscriptions from configuration. Every module may call this; before or after <c>AddEventBus</c>, which alone adds the bus.</summary>
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
        if (services.Any(static service => !service.IsKeyedService && service.ServiceType == typeof(SubscriptionsInConfiguration)))
            return services;
        Check(services.AddOptions<EventBusHostingOptions>());
        services.AddSingleton<SubscriptionsInConfiguration>();
        services.AddSingleton<ConfigurationWatch>();
        AddHosted(services, null);
        services.ConfigureEventBus(static bus => bus.ConfigureSubscriptions(static (provider, subscriptions) => provider.GetRequiredService<SubscriptionsInConfiguration>().Apply(subscriptions)));
        return services.AddSingleton<IHostedService>(static provider => new HostedBus(
            provider.GetRequiredService<IEventBus>(),
            provider.GetRequiredService<ConfigurationWatch>(),
            provider.GetRequiredService<IOptions<EventBusHostingOptions>>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<TimeProvider>()));
    }

    /// <summary>As <see cref="AddEventBusHosting(IServiceCollection, Action{EventBusHostingOptions}?)"/>, for one of several buses. Its settings are in the section <c>EventBus:{key}</c>, unless the options say otherwise.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="key">The key that the bus has in <c>AddEventBus</c>; the options are named by it too.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>Buses start in the order of these calls and stop in the opposite order: call it first for a bus that handlers of others publish to.</remarks>
    public static IServiceCollection AddEventBusHosting(this IServiceCollection services, string key, Action<EventBusHostingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(key);
        var isFirst = !services.Any(service => service.IsKeyedService && service.ServiceType == typeof(SubscriptionsInConfiguration) && Equals(service.ServiceKey, key));
        if (isFirst)
            Check(services.AddOptions<EventBusHostingOptions>(key).Configure(options => options.DefaultSection = $"{EventBusHostingOptions.DefaultConfigurationSection}:{key}"));
        if (configure is not null)
            services.Configure(key, configure);
        if (!isFirst)
            return services;
        services.AddKeyedSingleton(key, (provider, _) => new SubscriptionsInConfiguration(OptionsOf(provider, key), provider.GetService<IConfiguration>()));
        services.AddKeyedSingleton(key, (provider, _) => new ConfigurationWatch(provider.GetRequiredKeyedService<SubscriptionsInConfiguration>(key), provider.GetRequiredService<UnreadSections>(), provider.GetRequiredService<ILoggerFactory>()));
        AddHosted(services, key);
        services.ConfigureEventBus(key, bus => bus.ConfigureSubscriptions((provider, subscriptions) => provider.GetRequiredKeyedService<SubscriptionsInConfiguration>(key).Apply(subscriptions)));
        return services.AddSingleton<IHostedService>(provider => new HostedBus(
            provider.GetRequiredKeyedService<IEventBus>(key),
            provider.GetRequiredKeyedService<ConfigurationWatch>(key),
            OptionsOf(provider, key),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetService<TimeProvider>()));
    }

    private static void AddHosted(IServiceCollection services, string? key)
    {
        services.TryAddSingleton<UnreadSections>();
        services.AddSingleton(new HostedBusKey(key));
    }

    private static HostingOptionsOfKey OptionsOf(IServiceProvider provider, string key) => new(provider.GetRequiredService<IOptionsMonitor<EventBusHostingOptions>>(), key);

    private static void Check(OptionsBuilder<EventBusHostingOptions> options) =>
        options.Validate(static options => options.StopLimit > TimeSpan.Zero, "EventBusHostingOptions.StopLimit must be positive: it is how long a stop of the whole host may take.");
}
