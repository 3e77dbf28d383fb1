using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Publishing;

/// <summary>An enricher that the container makes. It is asked for at the first publish, when the bus is there: an enricher may depend on it.</summary>
internal sealed class ContainerEnricher(Type type, IServiceProvider services) : IEventEnricher
{
    private IEventEnricher? _enricher;

    public ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken) =>
        (_enricher ??= (IEventEnricher)services.GetRequiredService(type)).EnrichAsync(@event, attributes, cancellationToken);
}
