using EventBus.Events;
using EventBus.Queueing;
using EventBus.Settling;

namespace EventBus.Routing;

/// <summary>A queued subscription, seen by routes that know its events only as objects, and by the bus's life cycle.</summary>
internal abstract class QueuedSubscription(string name, Type[] eventTypes, SubscriptionCounters counters)
    : Subscription(name, SubscriptionMode.Queued, eventTypes, counters)
{
    public abstract Admission Offer(object @event, in Stamp stamp, EventDetails? details, bool fromWorker);

    public abstract ValueTask WaitForRoomAsync(object @event, in Stamp stamp, EventDetails? details, CancellationToken cancellationToken);

    public abstract void Hold(bool on);

    public abstract void Close(Exception? reason, bool forWorkersToo);

    public abstract void CancelRunning();

    /// <summary>Whether a delivery runs other than those of workers that wait for the bus to stop.</summary>
    public abstract bool IsRunning { get; }

    /// <summary>Whether a parked delivery is due by then.</summary>
    public abstract bool AnyDueBy(long time);

    /// <summary>Whether it was ended: publishers that still know it need not mind.</summary>
    public abstract bool IsEnded { get; }

    /// <summary>Takes it out of the bus: it is shut, and whoever still publishes to it need not mind.</summary>
    public abstract void End();

    /// <summary>Takes nothing and begins nothing any more, and lets the workers go. Whoever still publishes is told why.</summary>
    public abstract void Shut(Exception reason);

    /// <summary>Completes when no handler runs any more, but for those that wait for an end themselves, and what waited has been counted as dropped.</summary>
    public abstract Task WhenEndedAsync(IWorker? caller);
}
