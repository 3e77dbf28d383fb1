using EventBus.Events;
using EventBus.Observing;
using EventBus.Settling;

namespace EventBus.Routing;

/// <summary>A subscription as the route table sees it.</summary>
internal abstract class Subscription(string name, DeliveryMode mode, Type[] eventTypes, SubscriptionCounters counters) : ISubscription, ICounted, IMeasured
{
    public string Name => name;

    public DeliveryMode Mode => mode;

    public IReadOnlyList<Type> EventTypes => eventTypes;

    public SubscriptionCounters Counters => counters;

    /// <summary>Whether ever more like it may come and go, each with a name that no other had.</summary>
    public bool IsOneOfMany { get; init; }

    /// <summary>Says in words how it gets its events.</summary>
    public required Func<string> Description { get; init; }

    public abstract bool IsPaused { get; }

    public abstract long Accepted { get; }

    public abstract long ParkedIn { get; }

    public abstract long ParkedOut { get; }

    public abstract bool IsAtRest { get; }

    public abstract bool AwaitsTime { get; }

    public abstract long Handled { get; }

    /// <summary>How many handlers were reported as stuck and have not returned.</summary>
    public virtual int StuckNow => 0;

    public long Settled =>
        Volatile.Read(ref counters.Duplicates) + Volatile.Read(ref counters.Filtered) + Volatile.Read(ref counters.Expired)
        + Volatile.Read(ref counters.DeadLettered) + Volatile.Read(ref counters.Dropped) + Volatile.Read(ref counters.Failed) + Handled;

    public virtual SubscriptionStatistics Statistics
    {
        get
        {
            var settled = Settled;
            var accepted = Accepted;
            return new()
            {
                Accepted = accepted,
                Handled = Handled,
                Failed = Volatile.Read(ref counters.Failed),
                Retried = Volatile.Read(ref counters.Retried),
                Duplicates = Volatile.Read(ref counters.Duplicates),
                Filtered = Volatile.Read(ref counters.Filtered),
                Expired = Volatile.Read(ref counters.Expired),
                DeadLettered = Volatile.Read(ref counters.DeadLettered),
                Dropped = Volatile.Read(ref counters.Dropped),
                Refused = Volatile.Read(ref counters.Refused),
                Missed = Volatile.Read(ref counters.Missed),
                Stuck = Volatile.Read(ref counters.Stuck),
                StuckNow = StuckNow,
                AbandonedAttempts = Volatile.Read(ref counters.AbandonedAttempts),
                Waiting = Math.Max(0, accepted - settled),
                Parked = Math.Max(0, ParkedIn - ParkedOut),
            };
        }
    }

    /// <summary>What ends the subscription in its bus; called once, by <see cref="DisposeAsync"/>.</summary>
    public required Func<Subscription, ValueTask> OnDispose { get; init; }

    /// <summary>Whether it is over when the bus has stopped, and does not go on with the next start.</summary>
    public virtual bool EndsWithTheBus => AfterEnd is not null;

    /// <summary>Told once it has ended and no handler of it runs.</summary>
    public Action<Subscription>? AfterEnd { get; set; }

    /// <summary>Whether it gets events that are of its type itself, and none of a type derived from it.</summary>
    public bool IsOfOneType { get; init; }

    public virtual bool Wants(Type runtimeType)
    {
        if (IsOfOneType)
            return eventTypes[0] == runtimeType;
        foreach (var type in eventTypes)
        {
            if (type.IsAssignableFrom(runtimeType))
                return true;
        }

        return false;
    }

    /// <summary>Takes it out of the bus: it gets nothing more, and whoever still publishes to it need not mind.</summary>
    public virtual void End()
    {
    }

    public abstract void Pause();

    public abstract void Resume();

    public ValueTask DisposeAsync() => OnDispose(this);

    /// <summary>What was settled and what was not, so that nothing is in neither and nothing in both.</summary>
    public abstract SubscriptionReceipt Account();
}
