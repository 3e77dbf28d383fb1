using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>A delivery from a queue: what comes of it is settled by the settler, who tells.</summary>
internal sealed class DeliveryInSight<T>(AttemptStage<T> pipeline) : AttemptStage<T>
{
    public override async ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var outcome = await pipeline.RunAsync(@event, context, cancellationToken).AnyContext();
        return ReferenceEquals(outcome, Outcome.Handled) ? Outcome.HandledInSight : outcome;
    }
}
