using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>The publishers' side of a <see cref="LaneQueue{TKey, T}"/>: who comes in, who waits, and which worker is called. Has its own lock,
/// which is taken within that of the lanes, never around it.</summary>
internal sealed class Admissions<TKey, T>(
    QueueLimits limits,
    KeyedEntrance<TKey, T> entrance,
    ArrivalLine<TKey, T> line,
    Lanes<TKey, T> lanes,
    WorkerCalls<T> calls)
{
    private readonly object _gate = new();
    private volatile HoldReason _held;

    public long Accepted
    {
        get
        {
            lock (_gate)
                return entrance.Accepted;
        }
    }

    /// <inheritdoc cref="WorkerCalls{T}.Awake"/>
    public int Awake
    {
        get
        {
            lock (_gate)
                return calls.Awake;
        }
    }

    /// <inheritdoc cref="KeyedEntrance{TKey, T}.AnyPublisherWaits"/>
    public bool AnyPublisherWaits
    {
        get
        {
            lock (_gate)
                return entrance.AnyPublisherWaits;
        }
    }

    /// <inheritdoc cref="Entrance{T}.BehindIn"/>
    public long BehindIn => entrance.BehindIn;

    /// <inheritdoc cref="Entrance{T}.BehindIn"/>
    public long BehindOut => entrance.BehindOut;

    public bool IsHeld => _held != HoldReason.None;

    /// <summary>Whether workers have something before them; the entrance apart.</summary>
    public bool AnyAtWorkers => lanes.AnyReady || !line.IsEmpty;

    // Exact with the lanes' lock as well; without it, what is missed is in the hands of a worker that is awake.
    private bool AnyWork => !IsHeld && (AnyAtWorkers || !entrance.IsEmpty);

    public void Attach(Worker<T> worker)
    {
        lock (_gate)
            calls.Attach(worker);
    }

    /// <returns>What becomes of the event, or nothing if that cannot be known without counting.</returns>
    public Admission? TryAdd(in QueuedEvent<T> @event, in KeySlot<TKey> key, bool fromWorker)
    {
        Worker<T>? called = null;
        Admission admission;
        lock (_gate)
        {
            if (entrance.IsClosedTo(fromWorker))
                return Admission.Closed;
            var hasRoom = entrance.HasRoom(fromWorker);
            if (fromWorker && (entrance.MayHoldCauseOf(@event) || (!hasRoom && entrance.AnyBehind)))
                return null;
            if (hasRoom ? !fromWorker && !entrance.SurelyHasShare(key) : lanes.KeepsAges)
                return null;
            admission = Decide(@event, key, hasRoom, fromWorker, ref called);
        }

        called?.Wake();
        return admission;
    }

    /// <summary>With the lanes' lock held, and all that had come in counted.</summary>
    /// <param name="event">The event; after that the one that was dropped for it, if one was.</param>
    /// <param name="key">Its key.</param>
    /// <param name="follower">The event again, as it stands behind a publisher; none where none can wait with its cause. To be spared if it does not come to stand there.</param>
    /// <param name="fromWorker">Whether a handler publishes it.</param>
    /// <param name="called">The worker to wake.</param>
    public Admission AddCounted(ref QueuedEvent<T> @event, in KeySlot<TKey> key, ref LaneWaiter<TKey, T>? follower, bool fromWorker, ref Worker<T>? called)
    {
        var lane = lanes.Find(key);
        var isShareFull = lane is not null && !fromWorker && (lane.Count >= limits.MaxPerKey || lane.Waiters is not null);
        lock (_gate)
        {
            if (entrance.IsClosedTo(fromWorker))
                return Admission.Closed;
            if (follower is not null && entrance.TryPutBehind(follower) is { } isBehind)
            {
                if (!isBehind)
                    return LetFollowersIn(Admission.Refused, ref called);
                follower = null;
                return Admission.Accepted;
            }

            var hasRoom = !isShareFull && entrance.HasRoom(fromWorker);
            if (fromWorker && !hasRoom && entrance.AnyBehind)
                return LetFollowersIn(Decide(@event, key, hasRoom, fromWorker, ref called), ref called);
            if (hasRoom || !lanes.TryDropOldest(isShareFull ? lane : null, out var dropped))
                return Decide(@event, key, hasRoom, fromWorker, ref called);
            entrance.GiveBack(1);
            Decide(@event, key, hasRoom: true, fromWorker, ref called);
            @event = dropped;
            return Admission.AcceptedDroppingOldest;
        }
    }

    /// <returns>Whether somebody must count, so that it may come in.</returns>
    public bool AddWaiter(LaneWaiter<TKey, T> waiter)
    {
        Worker<T>? called = null;
        bool mustCount;
        lock (_gate)
        {
            if (entrance.Closed is { } closed)
            {
                waiter.Fail(closed);
                return false;
            }

            entrance.AddWaiter(waiter);
            mustCount = !AdmitSure(ref called);
        }

        called?.Wake();
        return mustCount;
    }

    public bool TryForget(RoomWaiter<T> waiter)
    {
        Worker<T>? called = null;
        lock (_gate)
        {
            if (!entrance.TryForget(waiter, out var letsIn))
                return false;
            if (letsIn)
                CallIfAnyWork(ref called);
        }

        called?.Wake();
        return true;
    }

    /// <summary>Gives all that has come in to the line. With the lanes' lock held.</summary>
    public bool ClaimAll()
    {
        lock (_gate)
            return entrance.ClaimAll(line);
    }

    /// <summary>The room of events that were taken out again.</summary>
    public void GiveBack(int count)
    {
        lock (_gate)
            entrance.GiveBack(count);
    }

    /// <summary>A parked delivery takes its room again.</summary>
    public void TakeRoom()
    {
        lock (_gate)
            entrance.TakeRoom();
    }

    /// <summary>Gives back what a worker has begun, because its handler waits; others are called for what is left.</summary>
    /// <returns>Whether somebody must count.</returns>
    public bool BeforeWaiting(Worker<T> worker)
    {
        Worker<T>? called = null;
        bool mustCount;
        lock (_gate)
        {
            entrance.GiveBack(worker.Begun);
            worker.Begun = 0;
            calls.IsQuick = false;
            mustCount = !AdmitSure(ref called);
            CallIfAnyWork(ref called);
        }

        called?.Wake();
        return mustCount;
    }

    /// <summary>Gives back what a worker has begun. With the lanes' lock held.</summary>
    /// <returns>Whether somebody must count.</returns>
    public bool GiveBack(Worker<T> worker, ref Worker<T>? called)
    {
        lock (_gate)
        {
            calls.Judge(worker);
            entrance.GiveBack(worker.Begun, line);
            worker.Begun = 0;
            return !AdmitSure(ref called);
        }
    }

    /// <summary>With the lanes' lock held, a worker that found nothing is put to rest, unless something has come in since.</summary>
    /// <returns>Nothing if it has to look again at once.</returns>
    public Taken? Rest(Worker<T> worker, bool mayRest)
    {
        lock (_gate)
        {
            if (AnyWork)
                return null;
            // Only the last one awake has reason to expect more at any moment.
            if (!mayRest && calls.Awake == 1)
                return Taken.Nothing;
            calls.Rest(worker);
            return Taken.Rest;
        }
    }

    /// <summary>With the lanes' lock held, leaves what there is to the worker that is awake beside this one.</summary>
    public bool TryStepBack(Worker<T> worker, ref Worker<T>? called)
    {
        lock (_gate)
        {
            if (!calls.HasOneTooMany)
                return false;
            calls.Rest(worker);
            CallIfAnyWork(ref called);
            return true;
        }
    }

    /// <summary>A worker that was called has found something: the next may be called.</summary>
    public void EndSearch(Worker<T> worker, ref Worker<T>? called)
    {
        lock (_gate)
        {
            calls.EndSearch(worker);
            CallIfAnyWork(ref called);
        }
    }

    /// <summary>Something has come back to the lanes. With their lock held.</summary>
    public void Call(ref Worker<T>? called)
    {
        lock (_gate)
            CallIfAnyWork(ref called);
    }

    public void EndNudge(ref Worker<T>? called)
    {
        lock (_gate)
        {
            calls.EndNudge();
            CallIfAnyWork(ref called);
        }
    }

    public void Hold(HoldReason reason, bool on, ref Worker<T>? called)
    {
        lock (_gate)
        {
            _held = on ? _held | reason : _held & ~reason;
            CallIfAnyWork(ref called);
        }
    }

    /// <summary>With the lanes' lock held.</summary>
    public IReadOnlyList<RoomWaiter<T>> Close(Exception? reason, bool forWorkersToo, ref Worker<T>? called)
    {
        lock (_gate)
        {
            var waiting = entrance.Close(reason, forWorkersToo, lanes.Keyed);
            CallIfAnyWork(ref called);
            return waiting;
        }
    }

    public void AddFollowersTo(List<QueuedEvent<T>> waiting)
    {
        lock (_gate)
            entrance.AddFollowersTo(waiting);
    }

    /// <summary>Lets publishers in that wait, as many as there is room for; whose key has used up its share waits at its lane. With
    /// the lanes' lock held, and all that had come in counted.</summary>
    public void AdmitCounted(ref Worker<T>? called)
    {
        lock (_gate)
        {
            while (entrance.NextWaiter is { } waiter)
            {
                if (lanes.Find(waiter.Key) is { } lane && (lane.Count >= limits.MaxPerKey || lane.Waiters?.First?.Ticket < waiter.Ticket))
                {
                    entrance.SendToLane(waiter, lane);
                    continue;
                }

                // Not through the entrance: the next of its key must find it counted.
                entrance.CountIn(waiter);
                lanes.Place(waiter.Event, waiter.Key);
                while (waiter.TakeFollower() is LaneWaiter<TKey, T> follower)
                {
                    entrance.CountFollowerIn(follower);
                    lanes.Place(follower.Event, follower.Key);
                    follower.Spare();
                }

                // Last: from then on it is the next publisher's.
                waiter.Admit();
            }

            CallIfAnyWork(ref called);
        }
    }

    /// <summary>An event has left a lane at which publishers wait: as many as its share allows come into the line for room.</summary>
    public void TakeFromLane(Lane<TKey, T> lane)
    {
        lock (_gate)
        {
            // From a lane that is empty all of them: it has nothing left that could leave and call the next.
            var free = lane is { State: LaneState.Idle, IsEmpty: true } ? int.MaxValue : limits.MaxPerKey - lane.Count;
            for (; free > 0 && lane.Waiters?.First is LaneWaiter<TKey, T> waiter; free--)
                entrance.TakeFromLane(waiter, lane);
        }
    }

    private Admission Decide(in QueuedEvent<T> @event, in KeySlot<TKey> key, bool hasRoom, bool fromWorker, ref Worker<T>? called)
    {
        if (hasRoom)
        {
            entrance.Append(@event, key);
            called = IsHeld ? null : calls.Call();
            return Admission.Accepted;
        }

        var admission = limits.WithoutRoom(fromWorker);
        if (admission == Admission.Dropped)
            entrance.CountAccepted();
        return admission;
    }

    // As FifoQueue.LetFollowersIn.
    private Admission LetFollowersIn(Admission admission, ref Worker<T>? called)
    {
        if (!AnyAtWorkers && entrance.IsEmpty && !lanes.AnyFailed)
        {
            entrance.AppendAllFollowers();
            CallIfAnyWork(ref called);
        }

        return admission;
    }

    /// <summary>Lets those in that wait and for whom there is room and share for certain.</summary>
    /// <returns>Whether that was all there was to do.</returns>
    private bool AdmitSure(ref Worker<T>? called)
    {
        if (!entrance.HasWaiters)
            return true;
        while (entrance.NextWaiter is { } waiter)
        {
            if (!entrance.SurelyHasShare(waiter.Key))
                return false;
            entrance.Admit(waiter);
        }

        CallIfAnyWork(ref called);
        return true;
    }

    private void CallIfAnyWork(ref Worker<T>? called)
    {
        if (called is null && AnyWork)
            called = calls.Call();
    }
}
