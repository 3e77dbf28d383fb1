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
    private RoomWaiter<T>? _spareWaiter;

    /// <summary>Events accepted.</summary>
    public abstract long Accepted { get; }

    /// <summary>Deliveries that began to wait without being runnable, and those that ceased to.</summary>
    public abstract long ParkedIn { get; }

    /// <inheritdoc cref="ParkedIn"/>
    public abstract long ParkedOut { get; }

    /// <summary>Events that take room now.</summary>
    public abstract int Depth { get; }

    protected QueueLimits Limits => limits;

    /// <summary>Whether workers are to leave alone what waits.</summary>
    protected abstract bool IsHeld { get; }

    /// <summary>Makes a worker known, as one that sleeps.</summary>
    public abstract void Attach(Worker<T> worker);

    public abstract Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker, out QueuedEvent<T> dropped);

    /// <summary>Waits for room. Completes when the event is accepted; throws when the waiting is cancelled or the queue closed.</summary>
    public abstract ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken);

    /// <summary>After how many begun deliveries a worker gives their room back.</summary>
    public int ReleaseBatch => limits.ReleaseBatch;

    /// <summary>Gives a worker its next delivery; the one before is done with. If there is none and the worker may rest, it counts as
    /// asleep and is woken when there is.</summary>
    public abstract bool TryTake(Worker<T> worker, bool mayRest);

    /// <summary>Gives back the room of what a worker has begun, at the latest when its handler begins to wait.</summary>
    public abstract void ReleaseRoom(Worker<T> worker);

    /// <summary>Takes a worker's delivery back. It is not runnable until <see cref="Return"/>.</summary>
    public abstract Parked<T> Park(Worker<T> worker, RetryState retry);

    /// <summary>A parked delivery's time has come.</summary>
    public abstract void Return(Parked<T> parked);

    /// <summary>A worker's delivery is settled: what waited behind it may go.</summary>
    public abstract void Settled(Worker<T> worker);

    /// <summary>Takes a waiting publisher out of the line.</summary>
    /// <returns>Whether it stood there; if not, it has been decided.</returns>
    public abstract bool TryForget(RoomWaiter<T> waiter);

    /// <summary>Holds everything back, or lets it go. Events are accepted all the same.</summary>
    public abstract void Hold(HoldReason reason, bool on);

    /// <summary>Takes nothing from publishers any more, or nothing from anybody, and lets those who wait go with an error; or, without
    /// a reason, opens again.</summary>
    public abstract void Close(Exception? reason, bool forWorkersToo);

    /// <summary>Everything that waits, in no particular order. Exact only while the queue is held.</summary>
    public abstract IReadOnlyList<QueuedEvent<T>> Waiting();

    /// <summary>Keeps a waiter that has done its service for the next publisher that must wait.</summary>
    public void Spare(RoomWaiter<T> waiter) => Volatile.Write(ref _spareWaiter, waiter);

    protected Admission WithoutRoom(bool fromWorker) => limits.WhenFull switch
    {
        FullQueue.Wait => fromWorker ? Admission.Refused : Admission.MustWait,
        FullQueue.Reject => Admission.Refused,
        _ => Admission.Dropped,
    };

    protected RoomWaiter<T> RentWaiter(in QueuedEvent<T> @event)
    {
        var waiter = Interlocked.Exchange(ref _spareWaiter, null) ?? new RoomWaiter<T>(this);
        waiter.Reset(@event);
        return waiter;
    }
}

/// <summary>Why a queue is held.</summary>
[Flags]
internal enum HoldReason
{
    None = 0,
    Paused = 1,
    Stopped = 2,
}
