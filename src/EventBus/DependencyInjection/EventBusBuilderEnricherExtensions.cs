using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBus;

/// <summary>Gives the events of a bus attributes when they are published.</summary>
/// <remarks>A bus without enrichers publishes as if there were no such thing.</remarks>
public static class EventBusBuilderEnricherExtensions
{
    /// <summary>Enriches every event that is published. Several are called in the order of the calls, before those of event types.</summary>
    /// <typeparam name="TEnricher">The enricher: one for the bus, made by the container when the first event is published. Registered there, unless the application did so itself; then as a singleton too.</typeparam>
    public static EventBusBuilder AddEnricher<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TEnricher>(this EventBusBuilder bus)
        where TEnricher : class, IEventEnricher
    {
        ArgumentNullException.ThrowIfNull(bus);
        bus.Container.All?.TryAddSingleton<TEnricher>();
        bus.Registrations.Enrichers.Add(new(typeof(object), null, typeof(TEnricher)));
        return bus;
    }

    /// <summary>Enriches every event that is published.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="enricher">The enricher, used for every event and disposed by nobody.</param>
    public static EventBusBuilder AddEnricher(this EventBusBuilder bus, IEventEnricher enricher)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(enricher);
        bus.Registrations.Enrichers.Add(new(typeof(object), enricher, null));
        return bus;
    }
}
