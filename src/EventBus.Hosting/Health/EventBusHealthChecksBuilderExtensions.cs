using EventBus;
using EventBus.Hosting.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the health of the event bus to an application's health checks.</summary>
public static class EventBusHealthChecksBuilderExtensions
{
    /// <summary>The default name of the check: "event-bus".</summary>
    public const string DefaultName = "event-bus";

    /// <summary>Checks that the bus is started, that its log is written to, and that lag, dead letters and stuck handlers are below their thresholds. Its data has numbers and names of subscriptions, no events.</summary>
    /// <param name="builder">As <c>services.AddHealthChecks()</c> returns it.</param>
    /// <param name="configure">Changes the thresholds.</param>
    /// <param name="name">The name of the check; default: <see cref="DefaultName"/>. <see cref="EventBusHealthOptions"/> of this name has the thresholds, also where they come from configuration.</param>
    /// <param name="failureStatus">What is reported instead of unhealthy; default: unhealthy.</param>
    /// <param name="tags">For choosing checks, for example "ready".</param>
    /// <returns>The builder, for chaining.</returns>
    /// <exception cref="ArgumentException">There is a check of this name.</exception>
    public static IHealthChecksBuilder AddEventBus(
        this IHealthChecksBuilder builder, Action<EventBusHealthOptions>? configure = null, string name = DefaultName, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        return Add(builder, null, configure, name, failureStatus, tags);
    }

    /// <summary>As the other, for one of several buses.</summary>
    /// <param name="builder">As <c>services.AddHealthChecks()</c> returns it.</param>
    /// <param name="key">The key that the bus has in <c>AddEventBus</c>.</param>
    /// <param name="configure">Changes the thresholds.</param>
    /// <param name="name">The name of the check; default: "event-bus-" and the key.</param>
    /// <param name="failureStatus">What is reported instead of unhealthy; default: unhealthy.</param>
    /// <param name="tags">For choosing checks, for example "ready".</param>
    /// <returns>The builder, for chaining.</returns>
    /// <exception cref="ArgumentException">There is a check of this name.</exception>
    public static IHealthChecksBuilder AddKeyedEventBus(
        this IHealthChecksBuilder builder, string key, Action<EventBusHealthOptions>? configure = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Add(builder, key, configure, name ?? $"{DefaultName}-{key}", failureStatus, tags);
    }

    private static IHealthChecksBuilder Add(
        IHealthChecksBuilder builder, string? key, Action<EventBusHealthOptions>? configure, string name, HealthStatus? failureStatus, IEnumerable<string>? tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        // Registers what says which buses there are, where this one is not.
        _ = key is null ? builder.Services.ConfigureEventBus(static _ => { }) : builder.Services.ConfigureEventBus(key, static _ => { });
        builder.Services.AddOptions<EventBusHealthOptions>(name)
            // Before traffic comes, and not with the first probe.
            .Validate<IServiceProvider>((_, services) => BusOf(services, key) is not null)
            .Validate(static options => options.StorageTimeout > TimeSpan.Zero, "EventBusHealthOptions.StorageTimeout must be positive: it is how long the storage may take to answer.")
            .ValidateOnStart();
        if (configure is not null)
            builder.Services.Configure(name, configure);
        return builder.Add(new HealthCheckRegistration(
            name,
            services => new EventBusHealthCheck(BusOf(services, key), services.GetRequiredService<IOptionsMonitor<EventBusHealthOptions>>().Get(name), services.GetService<TimeProvider>()),
            failureStatus,
            tags));
    }

    private static IEventBus BusOf(IServiceProvider services, string? key) =>
        key is null ? services.GetRequiredService<IEventBus>() : services.GetRequiredKeyedService<IEventBus>(key);
}
