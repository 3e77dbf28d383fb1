using EventBus.Events;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>A delivery from a queue that somebody looks on at: what comes of it is settled by the settler, who tells, and never in passing.</summary>
internal sealed class ObservedDelivery<T>(AttemptStage<T> pipeline) : AttemptStage<T>
{
    public override async ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var outcome = await pipeline.RunAsync(@event, context, cancellationToken).AnyContext();
        return ReferenceEquals(outcome, Outcome.Handled) ? Outcome.HandledInSight : outcome;
    }
}
