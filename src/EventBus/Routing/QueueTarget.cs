using EventBus.Events;
using EventBus.Queueing;

namespace EventBus.Routing;

/// <summary>A queued subscription as a route of one event type calls it.</summary>
internal abstract class QueueTarget<T>
{
    public abstract QueuedSubscription Subscription { get; }

    public abstract Admission Offer(T @event, in Stamp stamp, EventDetails? details, bool fromWorker);

    public abstract ValueTask WaitForRoomAsync(T @event, Stamp stamp, EventDetails? details, CancellationToken cancellationToken);

    public static QueueTarget<T> Of(QueuedSubscription subscription, RouteContext bus)
    {
        QueueTarget<T> target = subscription is QueuedSubscription<T> exact ? new Exact(exact) : new Base(subscription);
        return bus.Observer is { } observer ? new ObservedTarget<T>(target, bus.Host, observer) : target;
    }

    /// <summary>The subscription's queue holds this very type.</summary>
    private sealed class Exact(QueuedSubscription<T> subscription) : QueueTarget<T>
    {
        private readonly DeliveryQueue<T> _queue = subscription.Queue;

        public override QueuedSubscription Subscription => subscription;

        public override Admission Offer(T @event, in Stamp stamp, EventDetails? details, bool fromWorker) =>
            _queue.TryAdd(new QueuedEvent<T>(@event, stamp, details), fromWorker);

        public override ValueTask WaitForRoomAsync(T @event, Stamp stamp, EventDetails? details, CancellationToken cancellationToken) =>
            subscription.WaitForRoomAsync(@event, stamp, details, cancellationToken);
    }

    /// <summary>The subscription asked for a base type, an interface or several types.</summary>
    private sealed class Base(QueuedSubscription subscription) : QueueTarget<T>
    {
        public override QueuedSubscription Subscription => subscription;

        public override Admission Offer(T @event, in Stamp stamp, EventDetails? details, bool fromWorker) =>
            subscription.Offer((object)@event!, stamp, details, fromWorker);

        public override ValueTask WaitForRoomAsync(T @event, Stamp stamp, EventDetails? details, CancellationToken cancellationToken) =>
            subscription.WaitForRoomAsync((object)@event!, stamp, details, cancellationToken);
    }
}
