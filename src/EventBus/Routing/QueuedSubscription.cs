using EventBus.Events;
using EventBus.Queueing;
using EventBus.Settling;

namespace EventBus.Routing;

/// <summary>A queued subscription, or a stream, seen by routes that know its events only as objects.</summary>
internal abstract class QueuedSubscription(string name, DeliveryMode mode, Type[] eventTypes, SubscriptionCounters counters)
    : BackgroundSubscription(name, mode, eventTypes, counters)
{
    /// <summary>Whether a publisher waits for room in its queue.</summary>
    public abstract bool AnyPublisherWaits { get; }

    public abstract Admission Offer(object @event, in Stamp stamp, EventDetails? details, bool fromWorker);

    public abstract ValueTask WaitForRoomAsync(object @event, in Stamp stamp, EventDetails? details, CancellationToken cancellationToken);
}
