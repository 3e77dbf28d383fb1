using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Retrying;
using EventBus.Settling;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Queueing;

/// <summary>What all workers of one subscription share. Put together once.</summary>
/// <remarks>Fields, because a process that has just started would have to compile every property.</remarks>
internal sealed class Work<T>
{
    public required string Name;

    public required IDeliveryHost Host;

    public required DeliveryQueue<T> Queue;

    public required AttemptStage<T> Pipeline;

    /// <summary>Spreads retries; none where they need not be spread.</summary>
    public required RetryBudget? Budget;

    public required ISettler Settler;

    public required SubscriptionCounters Counters;

    public required Clock Clock;

    public required DueTimer Timer;

    public required WorkStarter Starter;

    public required IdleSignal Idle;

    public required ILogger Log;

    public required TimeSpan AttemptTimeout;

    /// <summary>Whether a handler that does not return may lose its delivery.</summary>
    public required bool MayAbandon;

    /// <summary>Told when a handler has returned whose delivery was given to another worker.</summary>
    public required Action<Worker<T>, Exception?> OnOrphanReturned;

    /// <summary>Set once, before the first worker wakes; none where attempts have neither timeout nor lease.</summary>
    public AttemptWatch? Watch;

    /// <summary>Says what an attempt that was cancelled from outside came to.</summary>
    public Outcome Explain(Outcome outcome, CancelReason cancelled)
    {
        if (outcome.Kind != OutcomeKind.Failed || cancelled == CancelReason.None)
            return outcome;
        if (cancelled == CancelReason.Timeout)
            return TimedOut(outcome.Error);
        // The bus's own stop is not the handler's failure.
        return WrappedError.IsOnly<OperationCanceledException>(outcome.Error!) ? Outcome.Postponed(TimeSpan.Zero, null) : outcome;
    }

    public Outcome TimedOut(Exception? error) =>
        Outcome.Failed(new TimeoutException($"Subscription '{Name}' gave its handler {AttemptTimeout}. Raise Timeout(...), or let the handler observe its cancellation token.", error));
}
