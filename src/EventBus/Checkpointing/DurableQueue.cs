using EventBus.Events;
using EventBus.Queueing;
using EventBus.Settling;

namespace EventBus.Checkpointing;

/// <summary>The queue of a durable subscription: holds what its feed has read, and tells the feed what becomes of it. What waits, waits in the feed's rows and not in
/// the queue.</summary>
internal sealed class DurableQueue<T>(DeliveryQueue<T> queue, KeyInHand inHand, QueueLimits limits) : DeliveryQueue<T>(limits)
{
    /// <summary>Set once, before the first event.</summary>
    public Feed<T> Feed { get; set; } = null!; // The two know each other.

    public override long Accepted => queue.Accepted;

    public override long ParkedIn => queue.ParkedIn;

    public override long ParkedOut => queue.ParkedOut;

    public override bool OutlivesWorkers => true;

    public override bool AnyPublisherWaits => queue.AnyPublisherWaits;

    public override int Awake => queue.Awake;

    public override void Attach(Worker<T> worker) => queue.Attach(worker);

    public override void Replace(Worker<T> abandoned, Worker<T> successor) => queue.Replace(abandoned, successor);

    /// <summary>Adds an event, which has room. One at a time.</summary>
    public void Add(in QueuedEvent<T> @event, string? key)
    {
        inHand.Key = key;
        queue.TryAdd(@event, fromWorker: true);
    }

    public override Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker) => queue.TryAdd(@event, fromWorker);

    public override ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken) => queue.AddAsync(@event, cancellationToken);

    public override Taken Take(Worker<T> worker, bool mayRest)
    {
        while (true)
        {
            var taken = queue.Take(worker, mayRest);
            if (taken != Taken.Delivery || !Feed.TryPutBehind(worker.Current))
                return taken;
            queue.Settled(worker);
        }
    }

    public override void BeforeWaiting(Worker<T> worker) => queue.BeforeWaiting(worker);

    public override Parked<T>? Park(Worker<T> worker, in Parking waits)
    {
        // First the key is blocked, then its next delivery may be taken.
        Feed.Park(worker.Current, waits);
        queue.Settled(worker);
        return null;
    }

    public override void Return(Parked<T> parked) => queue.Return(parked);

    public override void Settled(Worker<T> worker)
    {
        Feed.Settle(worker.Current);
        queue.Settled(worker);
    }

    public override bool TryForget(RoomWaiter<T> waiter) => queue.TryForget(waiter);

    public override IReadOnlyList<QueuedEvent<T>> TakeBack(int keep) => queue.TakeBack(keep);

    public override void Hold(HoldReason reason, bool on) => queue.Hold(reason, on);

    public override void Close(Exception? reason, bool forWorkersToo) => queue.Close(reason, forWorkersToo);

    public override IReadOnlyList<QueuedEvent<T>> Waiting() => queue.Waiting();
}
