using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Retrying;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>What all workers of one subscription share. Put together once.</summary>
internal sealed class Work<T>
{
    public required string Name { get; init; }

    public required IDeliveryHost Host { get; init; }

    public required DeliveryQueue<T> Queue { get; init; }

    public required AttemptStage<T> Pipeline { get; init; }

    /// <summary>Spreads retries; none where they need not be spread.</summary>
    public required RetryBudget? Budget { get; init; }

    public required Settler Settler { get; init; }

    public required SubscriptionCounters Counters { get; init; }

    public required Clock Clock { get; init; }

    public required DueTimer Timer { get; init; }

    public required WorkStarter Starter { get; init; }

    public required IdleSignal Idle { get; init; }

    public required TimeSpan AttemptTimeout { get; init; }

    /// <summary>Whether a handler that does not return may lose its delivery.</summary>
    public required bool MayAbandon { get; init; }

    /// <summary>Told when a handler has returned whose delivery was given to another worker.</summary>
    public required Action<Worker<T>> OnOrphanReturned { get; init; }

    /// <summary>Set once, before the first worker wakes; none where attempts have neither timeout nor lease.</summary>
    public AttemptWatch? Watch { get; set; }

    /// <summary>Says what an attempt that was cancelled from outside came to.</summary>
    public Outcome Explain(Outcome outcome, CancelReason cancelled)
    {
        if (outcome.Kind != OutcomeKind.Failed || cancelled == CancelReason.None)
            return outcome;
        if (cancelled == CancelReason.Timeout)
            return TimedOut(outcome.Error);
        // The bus's own stop is not the handler's failure.
        return outcome.Error is OperationCanceledException ? Outcome.Postponed(TimeSpan.Zero, null) : outcome;
    }

    public Outcome TimedOut(Exception? error) =>
        Outcome.Failed(new TimeoutException($"Subscription '{Name}' gave its handler {AttemptTimeout}. Raise Timeout(...), or let the handler observe its cancellation token.", error));
}
