using EventBus.Events;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>An inline delivery, all its attempts included, that somebody looks on at: tells that it begins and what came of it.</summary>
internal sealed class ObservedInline<T>(string subscription, IBusObserver observer, Clock clock, AttemptStage<T> pipeline) : AttemptStage<T>
{
    public override async ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var metadata = Described.Of(context.Host, @event!, context.Stamp, context.Details, subscription);
        var began = clock.Coarse;
        observer.Accepting(@event!, metadata);
        var outcome = await pipeline.RunAsync(@event, context, cancellationToken).AnyContext();
        var fate = outcome switch
        {
            { Error: not null } => DeliveryFate.Failed,
            { Kind: OutcomeKind.Filtered } => DeliveryFate.Filtered,
            _ => DeliveryFate.Handled,
        };
        observer.Settled(@event!, context.Attempt == 1 ? metadata : metadata with { Attempt = context.Attempt }, fate, outcome.Error, TimeSpan.FromTicks(clock.Coarse - began), TimeSpan.Zero);
        return outcome;
    }
}
