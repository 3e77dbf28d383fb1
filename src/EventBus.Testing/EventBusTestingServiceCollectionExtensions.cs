using EventBus;
using EventBus.DependencyInjection;
using EventBus.Lifecycle;
using EventBus.Testing;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes registered event buses testable.</summary>
public static class EventBusTestingServiceCollectionExtensions
{
    /// <summary>Puts the container's buses under test: whatever the application registers, before or after, their event logs are in memory, their clock and the container's
    /// <see cref="TimeProvider"/> are one <see cref="TestClock"/>, and a <see cref="TestBus"/> looks on at each, a keyed service where the bus has a key. <see cref="IEventBus"/> stays the bus itself.</summary>
    /// <param name="services">The container's services, for example those of <c>ConfigureTestServices</c>.</param>
    /// <param name="configure">Says how the bus without a key differs from one in production. Several calls add to each other.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>Adds the bus without a key where there is none. A file that the application chose is neither made nor opened. A <see cref="TimeProvider"/> that is registered after this call is a configuration error when a bus is built.</remarks>
    public static IServiceCollection AddEventBusTesting(this IServiceCollection services, Action<TestBusBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Add(services.AddEventBus(), null, configure);
    }

    /// <summary>As <see cref="AddEventBusTesting(IServiceCollection, Action{TestBusBuilder}?)"/>: puts all of the container's buses under test, and says how one that has a key differs from one in production.</summary>
    /// <param name="services">The container's services, for example those of <c>ConfigureTestServices</c>.</param>
    /// <param name="key">The bus's key. Its <see cref="TestBus"/> is asked for with the same.</param>
    /// <param name="configure">Says how the bus of the key differs. Several calls add to each other.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>Adds the bus of the key where there is none, and no bus without a key.</remarks>
    public static IServiceCollection AddEventBusTesting(this IServiceCollection services, string key, Action<TestBusBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Add(services.AddEventBus(key), key, configure);
    }

    private static IServiceCollection Add(IServiceCollection services, string? key, Action<TestBusBuilder>? configure)
    {
        var buses = services.FirstOrDefault(static service => service is { IsKeyedService: false, ImplementationInstance: TestedBuses })?.ImplementationInstance as TestedBuses;
        if (buses is null)
        {
            buses = new TestedBuses();
            services.AddSingleton<IBusHarnesses>(buses);
            services.AddSingleton<LivesTogether>();
            services.AddSingleton(static provider => TestOf(provider.GetRequiredService<IEventBus>()));
            services.AddKeyedSingleton(KeyedService.AnyKey, static (provider, key) => TestOf(provider.GetRequiredKeyedService<IEventBus>(key)));
            services.AddSingleton(_ => buses.Clock);
        }

        configure?.Invoke(buses.Of(key));
        services.RemoveAll<TimeProvider>();
        services.AddSingleton<TimeProvider>(_ => buses.Clock);
        return services;
    }

    private static TestBus TestOf(IEventBus bus) => ((Life)((Bus)bus).Parts.Harness!).Test;
}
