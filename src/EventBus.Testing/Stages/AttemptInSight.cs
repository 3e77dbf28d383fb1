using EventBus.Events;
using EventBus.Handling;
using EventBus.Queueing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>One call of a handler: writes it down, knows whether it waits for the clock, and lets go wrong what a test wants to.</summary>
internal sealed class AttemptInSight<T>(string subscription, bool isInline, Life life, AttemptStage<T> call) : AttemptStage<T>
{
    public override async ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        if (life.IsOver || life.CrashesAt(CrashPoint.BeforeHandler, subscription))
            return Life.Nothing(isInline);
        var metadata = Described.Of(context.Host, @event!, context.Stamp, context.Details, subscription, context.Attempt);
        var (_, attempt) = life.History.Begin(@event!, metadata);
        life.Changed();
        var flow = new Flow(isInline ? null : WorkerMark.Current, life.Changed);
        Flow.Current = flow;
        Outcome outcome;
        try
        {
            outcome = await CallAsync(@event, metadata, context, flow, cancellationToken).AnyContext();
        }
        finally
        {
            flow.End();
        }

        if (life.IsOver || life.CrashesAt(CrashPoint.AfterHandler, subscription))
            return Life.Nothing(isInline);
        life.History.End(attempt, outcome.Error);
        return outcome;
    }

    private async ValueTask<Outcome> CallAsync(T @event, EventMetadata metadata, DeliveryContext context, Flow flow, CancellationToken cancellationToken)
    {
        var (delay, error) = life.Faults.OfAttempt(metadata);
        try
        {
            if (delay != TimeSpan.Zero)
                await life.DelayAsync(delay, flow, cancellationToken).AnyContext();
        }
        catch (OperationCanceledException cancelled)
        {
            return Outcome.Failed(cancelled);
        }

        return error is not null ? Outcome.Failed(error) : await call.RunAsync(@event, context, cancellationToken).AnyContext();
    }
}
