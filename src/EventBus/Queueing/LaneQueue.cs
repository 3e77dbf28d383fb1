using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>Reads the key by which a subscription orders an event.</summary>
/// <returns>Whether the event has one; without it, it is in nobody's order.</returns>
internal delegate bool KeyReader<TKey, T>(in QueuedEvent<T> @event, out TKey key);

/// <summary>Order per key, several workers: the queue of a subscription that asked for order by key or for concurrency.</summary>
/// <remarks>
/// An event comes in at the entrance. A worker that is alone takes what has come in as it came: see <see cref="ArrivalLine{TKey, T}"/>.
/// When others are called, or a delivery is parked, the events move to lanes, one for each key: see <see cref="Lanes{TKey, T}"/>.
/// Publishers touch neither, so that both stay in the workers' own memory. Two locks: the lanes' first, the entrance's within it.
/// </remarks>
internal sealed class LaneQueue<TKey, T> : DeliveryQueue<T>
{
    // After so many deliveries it is looked how long they took.
    private const int JudgedAfter = 64;

    private readonly KeyReader<TKey, T> _keyOf;

    private readonly object _gate = new();
    private readonly KeyedEntrance<TKey, T> _entrance;
    private readonly WorkerCalls<T> _calls;
    private readonly Clock _clock;

    private readonly object _lanesGate = new();
    private readonly ArrivalLine<TKey, T> _line = new();
    private readonly Lanes<TKey, T> _lanes;
    private readonly KeyShares? _shares;
    private readonly WorkerProgress<T> _progress = new();

    private volatile HoldReason _held;

    public LaneQueue(QueueLimits limits, KeyReader<TKey, T> keyOf, DueTimer timer)
        : base(limits)
    {
        _keyOf = keyOf;
        _shares = limits.MaxPerKey < limits.Capacity ? new(limits.MaxPerKey) : null;
        _entrance = new(limits, _shares);
        _lanes = new(limits, _shares);
        _calls = new(timer, _progress, OnNudge);
        _clock = timer.Clock;
    }

    public override long Accepted
    {
        get
        {
            lock (_gate)
                return _entrance.Accepted;
        }
    }

    public override long ParkedIn => _lanes.ParkedIn;

    public override long ParkedOut => _lanes.ParkedOut;

    /// <summary>Keys that have a lane.</summary>
    public int Keys
    {
        get
        {
            lock (_lanesGate)
                return _lanes.Keys;
        }
    }

    private bool IsHeld => _held != HoldReason.None;

    public override void Attach(Worker<T> worker)
    {
        lock (_gate)
            _calls.Attach(worker);
    }

    public override void Replace(Worker<T> abandoned, Worker<T> successor)
    {
        lock (_lanesGate)
        {
            if (ReferenceEquals(_line.Worker, abandoned))
                _line.Worker = successor;
            successor.Lane = abandoned.Lane;
            abandoned.Lane = null;
            lock (_gate)
                _calls.EndSearch(abandoned);
        }
    }

    public override Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker)
    {
        KeySlot<TKey> key;
        try
        {
            key = KeyOf(@event);
        }
        catch (Exception error)
        {
            OnKeyFailed?.Invoke(error, @event.Event!);
            return Admission.KeyFailed;
        }

        var admission = Admission.Closed;
        Worker<T>? called = null;
        bool mustCount;
        lock (_gate)
        {
            if (_entrance.IsClosedTo(fromWorker))
                return admission;
            var hasRoom = _entrance.HasRoom(fromWorker);
            mustCount = hasRoom ? !fromWorker && !_entrance.SurelyHasShare(key) : _lanes.KeepsAges;
            if (!mustCount)
                admission = Decide(@event, key, hasRoom, fromWorker, ref called);
        }

        called?.Wake();
        if (mustCount)
            return AddCounting(@event, key, fromWorker);
        if (admission == Admission.Dropped)
            OnDropped?.Invoke(@event);
        return admission;
    }

    public override ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken)
    {
        var waiter = (LaneWaiter<TKey, T>)RentWaiter(@event);
        waiter.Key = KeyOf(@event);
        var waiting = waiter.Task;
        Worker<T>? called = null;
        bool mustCount;
        lock (_gate)
        {
            if (_entrance.Closed is { } closed)
                return ValueTask.FromException(closed);
            _entrance.AddWaiter(waiter);
            mustCount = !AdmitSure(ref called);
        }

        called?.Wake();
        if (mustCount)
            AdmitCounting();
        waiter.CancelWith(cancellationToken);
        return waiting;
    }

    public override Taken Take(Worker<T> worker, bool mayRest)
    {
        Worker<T>? called = null;
        Taken taken;
        lock (_lanesGate)
        {
            if (_calls.HasOneTooMany && !ReferenceEquals(_progress.Latest, worker) && TryStepBack(worker, ref called))
            {
                taken = Taken.Rest;
            }
            else if (!TryTake(worker, ref called))
            {
                taken = TakeOrRest(worker, mayRest, ref called);
            }
            else
            {
                taken = Taken.Delivery;
                if (worker.ReleasedAt != worker.BegunAt || worker.Begun >= worker.ReleaseBatch)
                    GiveBack(worker, ref called);
            }

            if (taken == Taken.Delivery && (worker.IsSearching || (_calls.AnyAsleep && !_calls.IsQuick && AnyAtWorkers)))
                CallNext(worker, ref called);
        }

        called?.Wake();
        return taken;
    }

    public override void BeforeWaiting(Worker<T> worker)
    {
        worker.Counted = 0;
        Worker<T>? called = null;
        bool mustCount;
        lock (_gate)
        {
            _entrance.GiveBack(worker.Begun);
            worker.Begun = 0;
            _calls.IsQuick = false;
            mustCount = !AdmitSure(ref called);
            if (AnyWork)
                called ??= _calls.Call();
        }

        called?.Wake();
        if (mustCount)
            AdmitCounting();
    }

    public override Parked<T> Park(Worker<T> worker, RetryState retry)
    {
        lock (_lanesGate)
        {
            LeaveArrivalLine();
            var lane = LaneOf(worker)!;
            var parked = new Parked<T>(this, worker.Current, retry, lane);
            worker.Lane = null;
            _lanes.Park(lane, parked);
            lock (_gate)
                _entrance.TakeRoom();
            return parked;
        }
    }

    public override void Return(Parked<T> parked)
    {
        Worker<T>? called;
        lock (_lanesGate)
        {
            _lanes.Return(parked);
            lock (_gate)
                called = IsHeld ? null : _calls.Call();
        }

        called?.Wake();
    }

    public override void Settled(Worker<T> worker)
    {
        // The lane is left, or kept, when the worker takes its next delivery.
    }

    public override bool TryForget(RoomWaiter<T> waiter)
    {
        lock (_gate)
            return _entrance.TryForget(waiter);
    }

    public override void Hold(HoldReason reason, bool on)
    {
        Worker<T>? called = null;
        lock (_lanesGate)
        {
            lock (_gate)
            {
                _held = on ? _held | reason : _held & ~reason;
                if (AnyWork)
                    called = _calls.Call();
            }
        }

        called?.Wake();
    }

    public override void Close(Exception? reason, bool forWorkersToo)
    {
        IReadOnlyList<RoomWaiter<T>> waiting;
        lock (_lanesGate)
        {
            lock (_gate)
                waiting = _entrance.Close(reason, forWorkersToo, _lanes.Keyed);
        }

        foreach (var waiter in waiting)
            waiter.Fail(reason!);
    }

    public override IReadOnlyList<QueuedEvent<T>> Waiting()
    {
        var waiting = new List<QueuedEvent<T>>();
        lock (_lanesGate)
        {
            FillLanes();
            _lanes.AddWaitingTo(waiting);
        }

        return waiting;
    }

    protected override RoomWaiter<T> NewWaiter() => new LaneWaiter<TKey, T>(this);

    private static int Spread(int hash) => (int)((uint)hash * 0x9E3779B1u) ^ (hash >>> 15);

    private static Lane<TKey, T>? LaneOf(Worker<T> worker) => Unsafe.As<Lane<TKey, T>>(worker.Lane);

    private KeySlot<TKey> KeyOf(in QueuedEvent<T> @event) =>
        _keyOf(@event, out var key) ? new(true, key, Spread(key!.GetHashCode())) : default;

    private void OnNudge()
    {
        Worker<T>? called = null;
        lock (_lanesGate)
        {
            lock (_gate)
            {
                _calls.EndNudge();
                if (AnyWork)
                    called = _calls.Call();
            }
        }

        called?.Wake();
    }

    /// <summary>The way for an event that may have no room, or no share of it: everything that came in is counted, and it is decided exactly.</summary>
    private Admission AddCounting(in QueuedEvent<T> @event, in KeySlot<TKey> key, bool fromWorker)
    {
        var dropped = @event;
        Worker<T>? called = null;
        Admission admission;
        lock (_lanesGate)
        {
            FillLanes();
            var lane = _lanes.Find(key);
            var isShareFull = lane is not null && !fromWorker && (lane.Count >= Limits.MaxPerKey || lane.Waiters is not null);
            lock (_gate)
            {
                if (_entrance.IsClosedTo(fromWorker))
                    return Admission.Closed;
                var hasRoom = !isShareFull && _entrance.HasRoom(fromWorker);
                var makesRoom = !hasRoom && _lanes.TryDropOldest(isShareFull ? lane : null, ref dropped);
                if (makesRoom)
                    _entrance.GiveBack(1);
                admission = Decide(@event, key, hasRoom || makesRoom, fromWorker, ref called);
                if (makesRoom)
                    admission = Admission.AcceptedDroppingOldest;
            }
        }

        called?.Wake();
        if (admission is Admission.Dropped or Admission.AcceptedDroppingOldest)
            OnDropped?.Invoke(dropped);
        return admission;
    }

    /// <summary>Lets publishers in that wait, as many as there is room for; whose key has used up its share waits at its lane.</summary>
    private void AdmitCounting()
    {
        Worker<T>? called;
        lock (_lanesGate)
            called = Admit();
        called?.Wake();
    }

    // From here on: with the entrance's lock held.

    /// <summary>Whether there is anything that a worker could take. Exact with the lanes' lock as well; without it, what is missed is in the
    /// hands of a worker that is awake.</summary>
    private bool AnyWork => !IsHeld && (AnyAtWorkers || !_entrance.IsEmpty);

    private bool AnyAtWorkers => _lanes.AnyReady || !_line.IsEmpty;

    private Admission Decide(in QueuedEvent<T> @event, in KeySlot<TKey> key, bool hasRoom, bool fromWorker, ref Worker<T>? called)
    {
        if (hasRoom)
        {
            _entrance.Append(@event, key);
            called = IsHeld ? null : _calls.Call();
            return Admission.Accepted;
        }

        var admission = WithoutRoom(fromWorker);
        if (admission == Admission.Dropped)
            _entrance.CountAccepted();
        return admission;
    }

    /// <summary>Lets those in that wait and for whom there is room and share for certain.</summary>
    /// <returns>Whether that was all there was to do; otherwise somebody must count.</returns>
    private bool AdmitSure(ref Worker<T>? called)
    {
        var any = false;
        while (_entrance.NextWaiter is { } waiter)
        {
            if (!_entrance.SurelyHasShare(waiter.Key))
                return false;
            _entrance.Admit(waiter);
            any = true;
        }

        if (any && AnyWork)
            called ??= _calls.Call();
        return true;
    }

    // From here on: with the lanes' lock held.

    /// <summary>The worker is done with its delivery.</summary>
    /// <returns>The lane with which it may go on.</returns>
    private Lane<TKey, T>? Leave(Worker<T> worker, ref Worker<T>? called)
    {
        var lane = LaneOf(worker);
        worker.Lane = null;
        if (ReferenceEquals(_line.Worker, worker))
            _line.Worker = null;
        if (lane is null || _lanes.MayGoOn(lane))
            return lane;
        ServeWaiters(lane, ref called);
        _lanes.CloseIfDone(lane);
        return null;
    }

    private bool TryTake(Worker<T> worker, ref Worker<T>? called)
    {
        var lane = Leave(worker, ref called);
        if (IsHeld)
        {
            if (lane is not null)
                _lanes.PutBack(lane);
            return false;
        }

        if (lane is not null)
            _lanes.Take(lane, worker);
        else if ((lane = _lanes.TakeNext(worker)) is null && !TryTakeArrived(worker, ref lane))
            return false;
        _progress.Latest = worker;
        _progress.Begun++;
        worker.Begun++;
        if (worker.Counted++ == 0)
            worker.CountedFrom = _clock.Now;
        if (lane is not null)
            ServeWaiters(lane, ref called);
        return true;
    }

    /// <summary>Takes what has come in: as it came, if this worker is alone with it; otherwise by its lanes.</summary>
    private bool TryTakeArrived(Worker<T> worker, ref Lane<TKey, T>? lane)
    {
        if (!_lanes.IsVacant || _line.Worker is not null || _lanes.KeepsAges)
        {
            FillLanes();
            return (lane = _lanes.TakeNext(worker)) is not null;
        }

        if (_line.IsEmpty)
        {
            lock (_gate)
            {
                if (!_entrance.ClaimAll(_line))
                    return false;
            }
        }

        _line.Read(out worker.Current, out _line.Key);
        _line.Worker = worker;
        if (_line.Key.IsKeyed)
            _shares?.CountOut(_line.Key.Hash);
        return true;
    }

    /// <summary>Moves all that has come in to its lanes.</summary>
    private void FillLanes()
    {
        LeaveArrivalLine();
        lock (_gate)
        {
            if (!_entrance.ClaimAll(_line))
                return;
        }

        LeaveArrivalLine();
    }

    private void LeaveArrivalLine()
    {
        if (_line.Worker is { } worker)
        {
            _line.Worker = null;
            _lanes.Run(worker, _line.Key);
        }

        while (!_line.IsEmpty)
        {
            _line.Read(out var @event, out var key);
            _lanes.Place(@event, key);
        }
    }

    private void GiveBack(Worker<T> worker, ref Worker<T>? called)
    {
        worker.ReleasedAt = worker.BegunAt;
        bool mustCount;
        lock (_gate)
        {
            if (worker.Counted >= JudgedAfter)
            {
                _calls.Judge(worker.Counted, TimeSpan.FromTicks(_clock.Now - worker.CountedFrom));
                worker.Counted = 0;
            }

            _entrance.GiveBack(worker.Begun, _line);
            worker.Begun = 0;
            mustCount = !AdmitSure(ref called);
        }

        if (mustCount)
            called = Admit() ?? called;
    }

    /// <summary>Nothing was found: room is given back, and the worker rests unless something has come in since.</summary>
    private Taken TakeOrRest(Worker<T> worker, bool mayRest, ref Worker<T>? called)
    {
        while (true)
        {
            GiveBack(worker, ref called);
            lock (_gate)
            {
                if (!AnyWork)
                {
                    // Only the last one awake has reason to expect more at any moment.
                    if (!mayRest && _calls.Awake == 1)
                        return Taken.Nothing;
                    _calls.Rest(worker);
                    worker.Counted = 0;
                    return Taken.Rest;
                }
            }

            if (TryTake(worker, ref called))
                return Taken.Delivery;
        }
    }

    /// <summary>Leaves what there is to the worker that is awake beside this one.</summary>
    private bool TryStepBack(Worker<T> worker, ref Worker<T>? called)
    {
        if (Leave(worker, ref called) is { } lane)
            _lanes.PutBack(lane);
        GiveBack(worker, ref called);
        lock (_gate)
        {
            if (!_calls.HasOneTooMany)
                return false;
            _calls.Rest(worker);
            if (AnyWork)
                called ??= _calls.Call();
            worker.Counted = 0;
            return true;
        }
    }

    private void CallNext(Worker<T> worker, ref Worker<T>? called)
    {
        lock (_gate)
        {
            _calls.EndSearch(worker);
            if (called is null && AnyWork)
                called = _calls.Call();
        }
    }

    private Worker<T>? Admit()
    {
        FillLanes();
        lock (_gate)
        {
            while (_entrance.NextWaiter is { } waiter)
            {
                if (_lanes.Find(waiter.Key) is { } lane && (lane.Count >= Limits.MaxPerKey || lane.Waiters?.First?.Ticket < waiter.Ticket))
                {
                    _entrance.SendToLane(waiter, lane);
                    continue;
                }

                // Not through the entrance: the next of its key must find it counted.
                _entrance.CountIn(waiter);
                _lanes.Place(waiter.Event, waiter.Key);
                waiter.Admit();
            }

            return AnyWork ? _calls.Call() : null;
        }
    }

    /// <summary>An event has left a lane at which publishers wait: as many as its share allows come into the line for room.</summary>
    private void ServeWaiters(Lane<TKey, T> lane, ref Worker<T>? called)
    {
        if (lane.Waiters is null)
            return;
        lock (_gate)
        {
            // From a lane that is empty all of them: it has nothing left that could leave and call the next.
            var free = lane is { State: LaneState.Idle, IsEmpty: true } ? int.MaxValue : Limits.MaxPerKey - lane.Count;
            for (; free > 0 && lane.Waiters?.First is LaneWaiter<TKey, T> waiter; free--)
                _entrance.TakeFromLane(waiter, lane);
        }

        called = Admit() ?? called;
    }
}
