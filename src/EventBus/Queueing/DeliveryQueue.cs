using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Queueing;

/// <summary>One subscription's queue: bounded, with the deliveries that are parked.</summary>
/// <remarks>
/// Room is taken when an event is accepted and given back when its attempt begins; a parked delivery takes its room again.
/// The counts only grow, which is what makes it possible to tell from them, without stopping anybody, that nothing is left:
/// see <see cref="Observing.IdleSignal"/>.
/// </remarks>
internal abstract class DeliveryQueue<T>(QueueLimits limits)
{
    private const int SpareWaiters = 8;

    /// <summary>Told of each event that was accepted and dropped, outside every lock.</summary>
    public Action<QueuedEvent<T>>? OnDropped { get; set; }

    private readonly RoomWaiter<T>?[] _spareWaiters = new RoomWaiter<T>?[SpareWaiters];

    /// <summary>Events accepted.</summary>
    public abstract long Accepted { get; }

    /// <summary>Deliveries that began to wait without being runnable, and those that ceased to.</summary>
    public abstract long ParkedIn { get; }

    /// <inheritdoc cref="ParkedIn"/>
    public abstract long ParkedOut { get; }

    /// <summary>Whether a publisher waits for room.</summary>
    public abstract bool AnyPublisherWaits { get; }

    /// <summary>Told of each event whose key could not be read: OrderedBy, or the key's own hash.</summary>
    public Action<Exception, object>? OnKeyFailed { get; set; }

    /// <summary>Workers that were called and have not rested since.</summary>
    public virtual int Awake => 1;

    protected QueueLimits Limits => limits;

    /// <summary>Makes a worker known, as one that sleeps.</summary>
    public abstract void Attach(Worker<T> worker);

    /// <summary>Makes a worker known that goes on in place of one that was abandoned.</summary>
    public abstract void Replace(Worker<T> abandoned, Worker<T> successor);

    public abstract Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker);

    /// <summary>Waits for room. Completes when the event is accepted; throws when the waiting is cancelled or the queue closed.</summary>
    public abstract ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken);

    /// <summary>After how many begun deliveries a worker gives their room back.</summary>
    public int ReleaseBatch => limits.ReleaseBatch;

    /// <summary>Gives a worker its next delivery; the one before is done with.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="mayRest">Whether it has looked often enough to be put to rest where there is nothing.</param>
    public abstract Taken Take(Worker<T> worker, bool mayRest);

    /// <summary>Called when a worker's handler begins to wait: what the worker kept back for the next batch is done now.</summary>
    public abstract void BeforeWaiting(Worker<T> worker);

    /// <summary>Takes a worker's delivery back. It is not runnable until <see cref="Return"/>.</summary>
    /// <returns>The delivery, to be returned when its time has come; nothing where the queue sees to that itself.</returns>
    public abstract Parked<T>? Park(Worker<T> worker, in Parking waits);

    /// <summary>Whether what is parked is kept somewhere else, so that it is not lost when the workers are let go.</summary>
    public virtual bool OutlivesWorkers => false;

    /// <summary>A parked delivery's time has come.</summary>
    public abstract void Return(Parked<T> parked);

    /// <summary>A worker's delivery is settled: what waited behind it may go.</summary>
    public abstract void Settled(Worker<T> worker);

    /// <summary>Takes a waiting publisher out of the line.</summary>
    /// <returns>Whether it stood there; if not, it has been decided.</returns>
    public abstract bool TryForget(RoomWaiter<T> waiter);

    /// <summary>Takes events out again that wait behind a running one of their key, where the queue keeps those together.</summary>
    /// <param name="keep">So many stay for each key: the first.</param>
    /// <returns>The others, those of one key in order.</returns>
    public virtual IReadOnlyList<QueuedEvent<T>> TakeBack(int keep) => [];

    /// <summary>Holds everything back, or lets it go. Events are accepted all the same.</summary>
    public abstract void Hold(HoldReason reason, bool on);

    /// <summary>Takes nothing from publishers any more, or nothing from anybody, and lets those who wait go with an error; or, without
    /// a reason, opens again.</summary>
    public abstract void Close(Exception? reason, bool forWorkersToo);

    /// <summary>Everything that waits, in no particular order. Exact only while the queue is held.</summary>
    public abstract IReadOnlyList<QueuedEvent<T>> Waiting();

    /// <summary>Keeps a waiter that has done its service for the next publisher that must wait.</summary>
    public void Spare(RoomWaiter<T> waiter)
    {
        foreach (ref var place in _spareWaiters.AsSpan())
        {
            if (place is null && Interlocked.CompareExchange(ref place, waiter, null) is null)
                return;
        }
    }

    protected virtual RoomWaiter<T> NewWaiter() => new(this);

    protected RoomWaiter<T> RentWaiter(in QueuedEvent<T> @event)
    {
        RoomWaiter<T>? waiter = null;
        foreach (ref var place in _spareWaiters.AsSpan())
        {
            if (place is not null && (waiter = Interlocked.Exchange(ref place, null)) is not null)
                break;
        }

        waiter ??= NewWaiter();
        waiter.Reset(@event);
        return waiter;
    }
}

/// <summary>What a worker got when it asked for its next delivery.</summary>
internal enum Taken
{
    Delivery,

    /// <summary>Nothing, so far: look again.</summary>
    Nothing,

    /// <summary>Nothing, and it counts as asleep: it is woken when there is something.</summary>
    Rest,
}

/// <summary>Why a queue is held.</summary>
[Flags]
internal enum HoldReason
{
    None = 0,
    Paused = 1,
    Stopped = 2,
    LogFailed = 4,
    Replayed = 8,
}
