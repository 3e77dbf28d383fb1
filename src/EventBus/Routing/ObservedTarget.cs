using EventBus.Events;
using EventBus.Observing;
using EventBus.Queueing;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>Tells an observer of each event that a queued subscription is given.</summary>
internal sealed class ObservedTarget<T>(QueueTarget<T> target, IDeliveryHost host, IBusObserver observer) : QueueTarget<T>
{
    public override QueuedSubscription Subscription => target.Subscription;

    public override Admission Offer(T @event, in Stamp stamp, EventDetails? details, bool fromWorker)
    {
        var delivery = Described.Of(host, @event!, stamp, details, Subscription.Name);
        // Before it has it: it may be settled before this returns.
        observer.Accepting(@event!, delivery);
        var admission = target.Offer(@event, stamp, details, fromWorker);
        if (admission > Admission.Dropped)
            observer.NotAccepted(delivery);
        // What is in a stream's buffer is its reader's: nobody tells when that is done with it.
        else if (Subscription.Mode == DeliveryMode.Stream)
            observer.Settled(@event!, delivery, admission == Admission.Dropped ? DeliveryFate.Dropped : DeliveryFate.Handled, null, TimeSpan.Zero, TimeSpan.Zero);
        return admission;
    }

    public override async ValueTask WaitForRoomAsync(T @event, Stamp stamp, EventDetails? details, CancellationToken cancellationToken)
    {
        var delivery = Described.Of(host, @event!, stamp, details, Subscription.Name);
        observer.Accepting(@event!, delivery);
        observer.WaitingForRoom(delivery, begins: true);
        try
        {
            await target.WaitForRoomAsync(@event, stamp, details, cancellationToken).AnyContext();
        }
        catch
        {
            observer.NotAccepted(delivery);
            throw;
        }
        finally
        {
            observer.WaitingForRoom(delivery, begins: false);
        }
    }
}
