using EventBus;
using EventBus.Lifecycle;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the event bus with a container.</summary>
public static class EventBusServiceCollectionExtensions
{
    /// <summary>Registers the bus, <see cref="IEventBus"/> (singleton) and <see cref="IEventPublisher"/> (transient), or adds to it: every module may call this.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Registers handlers; called at once, so handlers keep the order of the calls.</param>
    /// <returns>The services, for chaining.</returns>
    /// <remarks>The bus is built when it is first asked for; what is wrong with its configuration is thrown then, all at once, as an
    /// <see cref="EventBusConfigurationException"/>. It starts with the first publish, or with <see cref="IEventBus.StartAsync"/>.</remarks>
    public static IServiceCollection AddEventBus(this IServiceCollection services, Action<EventBusBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = BuilderIn(services);
        if (builder is null)
        {
            builder = new EventBusBuilder(services);
            services.AddSingleton(builder);
            services.AddSingleton(provider => provider.GetRequiredService<EventBusBuilder>().Build(provider));
            services.AddTransient(static provider => provider.GetRequiredService<IEventBus>() is Bus bus
                ? bus.PublisherIn(provider)
                : throw new InvalidOperationException("IEventBus was replaced, and only the bus's own knows the publisher of a scope. Register an IEventPublisher beside it, for example with services.AddSingleton<IEventPublisher>(...)."));
        }

        configure?.Invoke(builder);
        return services;
    }

    private static EventBusBuilder? BuilderIn(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false, ImplementationInstance: EventBusBuilder builder })
                return builder;
        }

        return null;
    }
}
