using EventBus.Queueing;
using EventBus.Settling;

namespace EventBus.Routing;

/// <summary>A subscription with workers of its own, seen by the bus's life cycle.</summary>
internal abstract class BackgroundSubscription(string name, DeliveryMode mode, Type[] eventTypes, SubscriptionCounters counters)
    : Subscription(name, mode, eventTypes, counters)
{
    public abstract void Hold(bool on);

    public abstract void Close(Exception? reason, bool forWorkersToo);

    public abstract void CancelRunning();

    /// <summary>Whether a delivery runs other than those of workers that wait for the bus to stop.</summary>
    public abstract bool IsRunning { get; }

    /// <summary>Whether a parked delivery is due by then.</summary>
    public abstract bool AnyDueBy(long time);

    /// <summary>Whether it was ended: publishers that still know it need not mind.</summary>
    public abstract bool IsEnded { get; }

    /// <summary>Takes nothing and begins nothing any more, and lets the workers go. Whoever still publishes is told why.</summary>
    public abstract void Shut(Exception reason);

    /// <summary>Completes when no handler runs any more, but for those that wait for an end themselves, and what waited has been counted as dropped.</summary>
    public abstract Task WhenEndedAsync(IWorker? caller);
}
