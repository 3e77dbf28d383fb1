using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>What is asked to enrich the events of a bus. A bus that nobody asks for it has none of this.</summary>
/// <param name="enrichers">All of them in their order, each with the type whose events it is for.</param>
internal sealed class Enrichment((Type EventType, IEventEnricher Enricher)[] enrichers)
{
    private readonly ConcurrentDictionary<Type, IEventEnricher[]> _byRuntimeType = new();

    /// <returns>What the event carries from now on.</returns>
    /// <exception cref="PublishException">One of them failed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<EventDetails?> EnrichAsync(object @event, EventDetails? details, PublishOrigin? origin, CancellationToken cancellationToken)
    {
        var concerned = For(@event.GetType());
        if (concerned.Length == 0)
            return details;
        var attributes = Details.AttributesOf(details, origin?.Scope);
        foreach (var enricher in concerned)
        {
            try
            {
                await enricher.EnrichAsync(@event, attributes, cancellationToken).AnyContext();
            }
            catch (Exception error) when (error is not PublishException && !(error is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                // Anything else would tell the publisher that the event was accepted.
                throw new PublishException($"An event of type '{@event.GetType().FullName}' was not published, and nobody has it: its enricher failed: {ExceptionText.MessageOf(error)}", error);
            }
        }

        return Details.Of(attributes, details);
    }

    /// <summary>As the other, for an event that is to be published later.</summary>
    public async ValueTask<PublishOptions?> EnrichAsync(object @event, PublishOptions? options, PublishOrigin? origin, Clock clock, CancellationToken cancellationToken)
    {
        var details = await EnrichAsync(@event, Details.Of(options, origin, clock), origin, cancellationToken).AnyContext();
        return details is null ? options : Details.OptionsOf(details, options?.TimeToLive);
    }

    private IEventEnricher[] For(Type runtimeType) => _byRuntimeType.TryGetValue(runtimeType, out var known) ? known : _byRuntimeType.GetOrAdd(runtimeType, Find);

    // Apart, so that nothing is captured where it is known already.
    private IEventEnricher[] Find(Type runtimeType) =>
        Array.ConvertAll(Array.FindAll(enrichers, one => one.EventType.IsAssignableFrom(runtimeType)), static one => one.Enricher);
}
