namespace EventBus.DependencyInjection;

/// <summary>Enriches the events of one type.</summary>
internal sealed class EnricherLambda<TEvent>(Func<TEvent, EventEnrichment, CancellationToken, ValueTask> enrich) : IEventEnricher
{
    public ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken) => enrich((TEvent)@event, attributes, cancellationToken);
}
