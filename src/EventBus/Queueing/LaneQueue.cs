using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>Reads the key by which a subscription orders an event.</summary>
/// <returns>Whether the event has one; without it, it is in nobody's order.</returns>
internal delegate bool KeyReader<TKey, T>(in QueuedEvent<T> @event, out TKey key);

/// <summary>One line for each key, several workers: the queue of a subscription that asked for order by key or for concurrency.</summary>
/// <remarks>
/// Publishers put their events into the entrance. Workers move what has come in to the lanes, one for each key that has events
/// waiting; a lane that may run stands in line; a worker takes a lane, one event of it, and may keep the lane for some
/// more. While a worker has a lane nobody else does, which is the order's whole secret. Publishers do not touch the lanes,
/// so that these stay in the workers' own memory. Two locks: the lanes' first, the entrance's within it.
/// </remarks>
internal sealed class LaneQueue<TKey, T> : DeliveryQueue<T>
{
    // How many events of one lane a worker takes before it goes to the end of the line.
    private const int Turn = 32;

    // So many quick handlers in a row, and one worker is trusted to keep up.
    private const int QuickAfter = 64;

    private readonly KeyReader<TKey, T> _keyOf;
    private readonly object _gate = new();
    private readonly Entrance<T> _entrance;
    private KeyRing<TKey> _keys;
    private readonly KeyShares? _shares;
    private readonly WorkerCalls<T> _calls;

    // Publishers that wait at a lane: while there are any, newcomers are counted exactly, so that nobody passes them.
    private int _atLanes;

    private readonly object _lanesGate = new();
    private readonly Lanes<TKey, T> _lanes;
    private readonly HashSet<Parked<T>> _parked = [];
    private readonly AgeList<T>? _ages;
    private long _drainedTo;
    private long _parkedIn;
    private long _parkedOut;
    private volatile HoldReason _held;

    public LaneQueue(QueueLimits limits, KeyReader<TKey, T> keyOf, DueTimer timer)
        : base(limits)
    {
        _keyOf = keyOf;
        _entrance = new(limits);
        _lanes = new(maxSpare: limits.For(fromWorker: true));
        _keys = new(_entrance.Ring.Length);
        _calls = new(timer, OnNudge);
        _ages = limits.WhenFull == FullQueue.DropOldest ? new() : null;
        _shares = limits.MaxPerKey < limits.Capacity ? new(limits.MaxPerKey) : null;
    }

    public override long Accepted
    {
        get
        {
            lock (_gate)
                return _entrance.Accepted;
        }
    }

    public override long ParkedIn => Volatile.Read(ref _parkedIn);

    public override long ParkedOut => Volatile.Read(ref _parkedOut);

    /// <summary>Keys in memory.</summary>
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
        lock (_gate)
            _calls.EndSearch(abandoned);
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

        var hasRoom = false;
        Worker<T>? called = null;
        lock (_gate)
        {
            if (_entrance.IsClosedTo(fromWorker))
                return Admission.Closed;
            if (_entrance.HasRoom(fromWorker) && (fromWorker || SurelyHasShare(key)))
            {
                called = Append(@event, key);
                hasRoom = true;
            }
        }

        called?.Wake();
        return hasRoom ? Admission.Accepted : AddCounting(@event, key, fromWorker);
    }

    public override ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken)
    {
        var waiter = (LaneWaiter<TKey, T>)RentWaiter(@event);
        waiter.Key = KeyOf(@event);
        var waiting = waiter.Task;
        Worker<T>? called;
        lock (_lanesGate)
        {
            lock (_gate)
            {
                if (_entrance.Closed is { } closed)
                    return ValueTask.FromException(closed);
                _entrance.AddWaiter(waiter);
            }

            called = Admit();
        }

        called?.Wake();
        waiter.CancelWith(cancellationToken);
        return waiting;
    }

    public override Taken Take(Worker<T> worker, bool mayRest)
    {
        var ticked = worker.ReleasedAt != worker.BegunAt;
        if (worker.Lane is not null)
            worker.Quick = ticked ? 0 : worker.Quick + 1;
        Worker<T>? called = null;
        Taken taken;
        lock (_lanesGate)
        {
            if (!TryTakeLane(worker, ref called))
            {
                taken = TakeOrRest(worker, mayRest, ref called);
            }
            else
            {
                taken = Taken.Delivery;
                if (ticked || worker.Begun >= worker.ReleaseBatch)
                    GiveBack(worker, ref called);
            }

            if (taken == Taken.Delivery && (worker.IsSearching || (_calls.AnyAsleep && !_calls.IsQuick && _lanes.ReadyCount > 0)))
                CallNext(worker, ref called);
        }

        called?.Wake();
        return taken;
    }

    public override void BeforeWaiting(Worker<T> worker)
    {
        worker.Quick = 0;
        Worker<T>? called = null;
        var admits = false;
        lock (_gate)
        {
            _entrance.GiveBack(worker.Begun);
            worker.Begun = 0;
            _calls.IsQuick = false;
            admits = _entrance.Waiters.First is not null;
            if (AnyWork)
                called = _calls.Call();
        }

        called?.Wake();
        if (!admits)
            return;
        lock (_lanesGate)
            called = Admit();
        called?.Wake();
    }

    public override Parked<T> Park(Worker<T> worker, RetryState retry)
    {
        var lane = Unsafe.As<Lane<TKey, T>>(worker.Lane)!;
        var parked = new Parked<T>(this, worker.Current, retry, lane);
        worker.Lane = null;
        lock (_lanesGate)
        {
            lane.State = LaneState.Parked;
            _parkedIn += 1 + lane.Count;
            _parked.Add(parked);
            lock (_gate)
                _entrance.TakeRoom();
        }

        return parked;
    }

    public override void Return(Parked<T> parked)
    {
        var lane = (Lane<TKey, T>)parked.Lane!;
        Worker<T>? called;
        lock (_lanesGate)
        {
            _parked.Remove(parked);
            _parkedOut += 1 + lane.Count;
            lane.Returned = parked;
            _lanes.PushReady(lane);
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
        {
            if (waiter.List is null)
                return false;
            if (!ReferenceEquals(waiter.List, _entrance.Waiters))
                _atLanes--;
            waiter.List.Remove(waiter);
            return true;
        }
    }

    public override void Hold(HoldReason reason, bool on)
    {
        Worker<T>? called = null;
        lock (_gate)
        {
            _held = on ? _held | reason : _held & ~reason;
            if (AnyWork)
                called = _calls.Call();
        }

        called?.Wake();
    }

    public override void Close(Exception? reason, bool forWorkersToo)
    {
        List<RoomWaiter<T>> waiting;
        lock (_lanesGate)
        {
            lock (_gate)
            {
                waiting = [.. _entrance.Close(reason, forWorkersToo)];
                foreach (var lane in reason is null ? [] : _lanes.All().Where(static lane => lane.Waiters is not null).ToList())
                {
                    while (lane.Waiters!.First is { } waiter)
                    {
                        lane.Waiters.Remove(waiter);
                        waiting.Add(waiter);
                        _atLanes--;
                    }

                    lane.Waiters = null;
                }
            }
        }

        foreach (var waiter in waiting)
            waiter.Fail(reason!);
    }

    public override IReadOnlyList<QueuedEvent<T>> Waiting()
    {
        var waiting = new List<QueuedEvent<T>>();
        lock (_lanesGate)
        {
            Drain();
            foreach (var parked in _parked)
                waiting.Add(parked.Event);
            foreach (var lane in _lanes.All())
            {
                if (lane.Returned is { } returned)
                    waiting.Add(returned.Event);
                for (var node = lane.First; node is not null; node = node.Next)
                    waiting.Add(node.Event);
            }
        }

        return waiting;
    }

    protected override RoomWaiter<T> NewWaiter() => new LaneWaiter<TKey, T>(this);

    private static int Spread(int hash) => (int)((uint)hash * 0x9E3779B1u) ^ (hash >>> 15);

    private KeySlot<TKey> KeyOf(in QueuedEvent<T> @event) =>
        _keyOf(@event, out var key) ? new(true, key, Spread(key!.GetHashCode())) : default;

    private void OnNudge()
    {
        Worker<T>? called = null;
        lock (_gate)
        {
            _calls.EndNudge();
            if (AnyWork)
                called = _calls.Call();
        }

        called?.Wake();
    }

    /// <summary>The way for an event that may have no room, or no share of it: everything that came in is counted, and it is decided exactly.</summary>
    private Admission AddCounting(in QueuedEvent<T> @event, in KeySlot<TKey> key, bool fromWorker)
    {
        var dropped = @event;
        Worker<T>? called;
        Admission admission;
        lock (_lanesGate)
        {
            Drain();
            var lane = Find(key);
            var isShareFull = lane is not null && !fromWorker && (lane.Count >= Limits.MaxPerKey || lane.Waiters is not null);
            lock (_gate)
            {
                if (_entrance.IsClosedTo(fromWorker))
                    return Admission.Closed;
                admission = !isShareFull && _entrance.HasRoom(fromWorker) ? Admission.Accepted : WithoutRoom(fromWorker);
                if (admission == Admission.Dropped && TryDropOldest(isShareFull ? lane : null, ref dropped))
                    admission = Admission.AcceptedDroppingOldest;
                if (admission == Admission.Dropped)
                    _entrance.CountAccepted();
                called = admission <= Admission.AcceptedDroppingOldest ? Append(@event, key) : null;
            }
        }

        called?.Wake();
        if (admission is Admission.Dropped or Admission.AcceptedDroppingOldest)
            OnDropped?.Invoke(dropped);
        return admission;
    }

    // From here on: with the entrance's lock held.

    private bool AnyWork => !IsHeld && (_lanes.ReadyCount > 0 || !_entrance.IsEmpty);

    private bool SurelyHasShare(in KeySlot<TKey> key) => !key.IsKeyed || _shares is null || (_atLanes == 0 && _shares.SurelyHasRoom(key.Hash));

    private Worker<T>? Append(in QueuedEvent<T> @event, in KeySlot<TKey> key)
    {
        var number = _entrance.Tail;
        _entrance.Append(@event);
        if (_entrance.Ring.Length != _keys.Length)
            _keys = _keys.Grown(_entrance.Ring.Length, _entrance.Claimed, number);
        _keys[number] = key;
        if (key.IsKeyed)
            _shares?.CountIn(key.Hash);
        return IsHeld ? null : _calls.Call();
    }

    // From here on: with the lanes' lock held.

    private Lane<TKey, T>? Find(in KeySlot<TKey> key) => key.IsKeyed ? _lanes.Find(key.Key, key.Hash) : null;

    /// <summary>Moves what has come in to its lanes.</summary>
    private void Drain()
    {
        Ring<T> ring;
        KeyRing<TKey> keys;
        long from, to;
        lock (_gate)
        {
            _entrance.Free(_drainedTo);
            if (_entrance.IsEmpty)
                return;
            (ring, keys, from, to) = (_entrance.Ring, _keys, _entrance.Claimed, _entrance.Tail);
            _entrance.ClaimAll();
        }

        for (var number = from; number < to; number++)
        {
            ring.Take(number, out var @event);
            Place(@event, keys[number]);
            keys[number] = default;
        }

        _drainedTo = to;
    }

    private void Place(in QueuedEvent<T> @event, in KeySlot<TKey> key)
    {
        var lane = LaneFor(key);
        var node = _lanes.NewNode(@event);
        if (_ages is not null)
        {
            node.Lane = lane;
            _ages.Add(node);
        }

        lane.Append(node);
        if (lane.State == LaneState.Idle)
            _lanes.PushReady(lane);
        else if (lane.State == LaneState.Parked)
            _parkedIn++;
    }

    // A key whose equality throws is in nobody's order; its event is not to be lost over it.
    private Lane<TKey, T> LaneFor(in KeySlot<TKey> key)
    {
        try
        {
            return key.IsKeyed ? Find(key) ?? _lanes.Open(key.Key, key.Hash) : _lanes.OpenUnkeyed();
        }
        catch (Exception)
        {
            return _lanes.OpenUnkeyed();
        }
    }

    private bool TryTakeLane(Worker<T> worker, ref Worker<T>? called)
    {
        var lane = Unsafe.As<Lane<TKey, T>>(worker.Lane);
        worker.Lane = null;
        if (lane is not null && !Leave(lane, ref called))
            lane = null;
        if (IsHeld)
        {
            if (lane is not null)
                _lanes.PushReady(lane);
            return false;
        }

        if (lane is null && (lane = PopReady()) is null)
        {
            Drain();
            if ((lane = PopReady()) is null)
                return false;
        }

        Take(lane, worker);
        if (lane.Waiters is not null)
            called = Serve(lane) ?? called;
        return true;
    }

    /// <returns>Whether the worker may go on with the lane.</returns>
    private bool Leave(Lane<TKey, T> lane, ref Worker<T>? called)
    {
        if (lane.IsEmpty)
        {
            lane.State = LaneState.Idle;
            if (lane.Waiters is not null)
                called = Serve(lane);
            if (lane is { State: LaneState.Idle, IsEmpty: true, Waiters: null })
                _lanes.Close(lane);
            return false;
        }

        if (--lane.Turn > 0)
            return true;
        _lanes.PushReady(lane);
        return false;
    }

    private Lane<TKey, T>? PopReady()
    {
        while (_lanes.PopReady() is { } lane)
        {
            lane.Turn = Turn;
            // What stood in it may have been dropped meanwhile.
            if (!lane.IsEmpty)
                return lane;
            lane.State = LaneState.Idle;
            if (lane.Waiters is null)
                _lanes.Close(lane);
        }

        return null;
    }

    private void Take(Lane<TKey, T> lane, Worker<T> worker)
    {
        lane.State = LaneState.Running;
        worker.Lane = lane;
        worker.Begun++;
        if (lane.Returned is { } returned)
        {
            lane.Returned = null;
            worker.Resume(returned);
        }
        else
        {
            worker.Current = Unload(lane);
        }
    }

    private QueuedEvent<T> Unload(Lane<TKey, T> lane)
    {
        var node = lane.TakeFirst();
        _ages?.Remove(node);
        if (lane.IsKeyed)
            _shares?.CountOut(lane.Hash);
        var @event = node.Event;
        _lanes.Recycle(node);
        return @event;
    }

    private bool TryDropOldest(Lane<TKey, T>? lane, ref QueuedEvent<T> dropped)
    {
        lane ??= (Lane<TKey, T>?)_ages?.Oldest?.Lane;
        if (_ages is null || lane is null || lane.Count == 0)
            return false;
        if (lane.State == LaneState.Parked)
            _parkedOut++;
        dropped = Unload(lane);
        _entrance.GiveBack(1);
        return true;
    }

    private void GiveBack(Worker<T> worker, ref Worker<T>? called)
    {
        worker.ReleasedAt = worker.BegunAt;
        bool admits;
        lock (_gate)
        {
            _calls.IsQuick |= worker.Quick >= QuickAfter;
            _entrance.GiveBack(worker.Begun);
            worker.Begun = 0;
            admits = _entrance.Waiters.First is not null;
        }

        if (admits)
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
                    return Taken.Rest;
                }
            }

            if (TryTakeLane(worker, ref called))
                return Taken.Delivery;
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

    /// <summary>Lets publishers in that wait, as many as there is room for; whose key has used up its share waits at its lane.</summary>
    private Worker<T>? Admit()
    {
        Drain();
        lock (_gate)
        {
            while (_entrance.HasRoomForWaiter && _entrance.Waiters.First is LaneWaiter<TKey, T> waiter)
            {
                _entrance.Waiters.Remove(waiter);
                if (Find(waiter.Key) is { } lane && (lane.Count >= Limits.MaxPerKey || lane.Waiters?.First?.Ticket < waiter.Ticket))
                {
                    (lane.Waiters ??= new()).Add(waiter);
                    _atLanes++;
                    continue;
                }

                _entrance.CountAccepted();
                _entrance.TakeRoom();
                if (waiter.Key.IsKeyed)
                    _shares?.CountIn(waiter.Key.Hash);
                Place(waiter.Event, waiter.Key);
                waiter.Admit();
            }

            return AnyWork ? _calls.Call() : null;
        }
    }

    /// <summary>An event has left a lane at which publishers wait: as many as its share allows come into the line for room.</summary>
    private Worker<T>? Serve(Lane<TKey, T> lane)
    {
        lock (_gate)
        {
            // From a lane that is empty all of them: it has nothing left that could leave and call the next.
            var free = lane is { State: LaneState.Idle, IsEmpty: true } ? int.MaxValue : Limits.MaxPerKey - lane.Count;
            for (; free > 0 && lane.Waiters!.First is { } waiter; free--)
            {
                lane.Waiters.Remove(waiter);
                _atLanes--;
                _entrance.Waiters.Add(waiter);
            }

            if (lane.Waiters!.First is null)
                lane.Waiters = null;
        }

        return Admit();
    }
}
