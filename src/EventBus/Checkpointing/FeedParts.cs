using EventBus.Events;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Retrying;
using EventBus.Settling;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Checkpointing;

/// <summary>What a feed is made of besides its state.</summary>
internal sealed class FeedParts<T>
{
    public required string Subscription;

    public required LogSession Session;

    public required IDeliveryHost Host;

    public required Clock Clock;

    public required DueTimer Timer;

    public required IdleSignal Idle;

    public required ILogger Log;

    public required SubscriptionCounters Counters;

    /// <summary>Whether the subscription asked for an event type.</summary>
    public required Func<Type, bool> Wants;

    /// <summary>Every stored name that it may want; none where it cannot be told.</summary>
    public required IReadOnlyList<string>? Names;

    /// <summary>The key whose order a delivery keeps; none where there is no order.</summary>
    public required Func<T, EventDetails, string?>? KeyOf;

    /// <summary>Spreads retries; none where they need not be spread.</summary>
    public required RetryBudget? Budget;

    /// <summary>How many deliveries may be in the queue or with a worker.</summary>
    public required int Capacity;

    /// <summary>How many deliveries are handled at once.</summary>
    public required int Concurrency;

    /// <summary>How many rows there may be.</summary>
    public required int MaxParked;

    /// <summary>Gives up an event that cannot be read.</summary>
    public required Func<DeadLetter, RetryState, ValueTask<bool>> Bury;

    /// <summary>An event with its key, or with what its key's reading threw. Nothing else asks the application for a key.</summary>
    public Arrival Arrive(object @event, in Stamp stamp, EventDetails details)
    {
        try
        {
            return new(@event, stamp, details, KeyOf?.Invoke((T)@event, details), null);
        }
        catch (Exception error)
        {
            return new(@event, stamp, details, null, error);
        }
    }
}
