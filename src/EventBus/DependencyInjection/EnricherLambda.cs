namespace EventBus.DependencyInjection;

/// <summary>Enriches the events of one type.</summary>
internal sealed class EnricherLambda<TEvent>(Func<TEvent, EventAttributes, CancellationToken, ValueTask> enrich) : IEventEnricher
{
    public ValueTask EnrichAsync(object @event, EventAttributes attributes, CancellationToken cancellationToken) => enrich((TEvent)@event, attributes, cancellationToken);
}
