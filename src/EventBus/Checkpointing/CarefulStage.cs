using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Checkpointing;

/// <summary>After a crash: stores each attempt before it begins, so that a handler that kills the process again is counted, and its event ends as a dead letter.</summary>
internal sealed class CarefulStage<T>(Feed<T> feed, AttemptStage<T> next) : AttemptStage<T>
{
    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var details = context.Details!;
        return details.Sequence > feed.CarefulUpTo ? next.RunAsync(@event, context, cancellationToken) : RunWithCareAsync(@event, details, context, cancellationToken);
    }

    private async ValueTask<Outcome> RunWithCareAsync(T @event, EventDetails details, DeliveryContext context, CancellationToken cancellationToken)
    {
        if (details.Earlier is RetryState { WasInterrupted: true } earlier)
        {
            earlier.WasInterrupted = false;
            return Outcome.Failed(new AttemptInterruptedException());
        }

        return await feed.RecordAttemptAsync(new(@event, context.Stamp, details), context.Attempt).AnyContext()
            ? await next.RunAsync(@event, context, cancellationToken).AnyContext()
            : Outcome.Postponed(TimeSpan.Zero, null);
    }
}
