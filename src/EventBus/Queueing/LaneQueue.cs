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
/// An event comes in through <see cref="Admissions{TKey, T}"/>. A worker that is alone takes what has come in as it came: see
/// <see cref="ArrivalLine{TKey, T}"/>. When others are called, or a delivery is parked, the events move to lanes, one for each key: see
/// <see cref="Lanes{TKey, T}"/>. Publishers touch neither, so that both stay in the workers' own memory, under the lock that is here.
/// </remarks>
internal sealed class LaneQueue<TKey, T> : DeliveryQueue<T>
{
    private readonly KeyReader<TKey, T> _keyOf;
    private readonly Admissions<TKey, T> _admissions;
    private readonly WorkerCalls<T> _calls;

    private readonly object _gate = new();
    private readonly ArrivalLine<TKey, T> _line;
    private readonly Lanes<TKey, T> _lanes;
    private readonly WorkerProgress<T> _progress = new();
    private readonly Clock _clock;

    public LaneQueue(QueueLimits limits, KeyReader<TKey, T> keyOf, DueTimer timer)
        : base(limits)
    {
        _keyOf = keyOf;
        _clock = timer.Clock;
        var shares = limits.MaxPerKey < limits.Capacity ? new KeyShares(limits.MaxPerKey) : null;
        _line = new(shares);
        _lanes = new(limits, shares);
        _calls = new(timer, _progress, OnNudge);
        _admissions = new(limits, new(limits, shares), _line, _lanes, _calls);
    }

    public override long Accepted => _admissions.Accepted;

    public override long ParkedIn => _lanes.ParkedIn + _admissions.BehindIn;

    public override long ParkedOut => _lanes.ParkedOut + _admissions.BehindOut;

    public override bool AnyPublisherWaits => _admissions.AnyPublisherWaits;

    /// <summary>Keys that have a lane.</summary>
    public int Keys
    {
        get
        {
            lock (_gate)
                return _lanes.Keys;
        }
    }

    public override int Awake => _admissions.Awake;

    public override void Attach(Worker<T> worker) => _admissions.Attach(worker);

    public override void Replace(Worker<T> abandoned, Worker<T> successor)
    {
        Worker<T>? called = null;
        lock (_gate)
        {
            if (ReferenceEquals(_line.Worker, abandoned))
                _line.Worker = successor;
            successor.Lane = abandoned.Lane;
            abandoned.Lane = null;
            _admissions.EndSearch(abandoned, ref called);
        }

        called?.Wake();
    }

    public override Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker)
    {
        if (!TryReadKey(@event, out var key))
            return Admission.KeyFailed;
        var admission = _admissions.TryAdd(@event, key, fromWorker) ?? AddCounting(@event, key, fromWorker);
        if (admission == Admission.Dropped)
            OnDropped?.Invoke(@event);
        return admission;
    }

    public override ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken)
    {
        if (!TryReadKey(@event, out var key))
            return ValueTask.FromException(KeyFailed(@event));
        var waiter = (LaneWaiter<TKey, T>)RentWaiter(@event);
        waiter.Key = key;
        var waiting = waiter.Task;
        if (_admissions.AddWaiter(waiter))
            AdmitCounting();
        waiter.CancelWith(cancellationToken);
        return waiting;
    }

    public override Taken Take(Worker<T> worker, bool mayRest)
    {
        if (ReferenceEquals(_line.Worker, worker) && TryReadOn(worker))
            return Taken.Delivery;
        Worker<T>? called = null;
        Taken taken;
        lock (_gate)
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

            if (taken == Taken.Delivery && (worker.IsSearching || (_calls.AnyAsleep && !_calls.IsQuick && _admissions.AnyAtWorkers)))
                _admissions.EndSearch(worker, ref called);
        }

        called?.Wake();
        return taken;
    }

    public override void BeforeWaiting(Worker<T> worker)
    {
        worker.Counted = 0;
        if (_admissions.BeforeWaiting(worker))
            AdmitCounting();
    }

    public override Parked<T>? Park(Worker<T> worker, in Parking waits)
    {
        lock (_gate)
        {
            _line.MoveTo(_lanes);
            var lane = LaneOf(worker)!;
            var parked = new Parked<T>(this, worker.Current, waits.Retry, lane);
            worker.Lane = null;
            _lanes.Park(lane, parked);
            _admissions.TakeRoom();
            return parked;
        }
    }

    public override void Return(Parked<T> parked)
    {
        Worker<T>? called = null;
        lock (_gate)
        {
            _lanes.Return(parked);
            _admissions.Call(ref called);
        }

        called?.Wake();
    }

    public override void Settled(Worker<T> worker)
    {
        // The lane is left, or kept, when the worker takes its next delivery.
    }

    public override bool TryForget(RoomWaiter<T> waiter) => _admissions.TryForget(waiter);

    public override IReadOnlyList<QueuedEvent<T>> TakeBack(int keep)
    {
        var taken = new List<QueuedEvent<T>>();
        lock (_gate)
        {
            FillLanes();
            _lanes.TakeBack(keep, taken);
            _admissions.GiveBack(taken.Count);
        }

        return taken;
    }

    public override void Hold(HoldReason reason, bool on)
    {
        Worker<T>? called = null;
        lock (_gate)
        {
            _admissions.Hold(reason, on, ref called);
            // So that its worker does not read on.
            _line.MoveTo(_lanes);
        }

        called?.Wake();
    }

    public override void Close(Exception? reason, bool forWorkersToo)
    {
        IReadOnlyList<RoomWaiter<T>> waiting;
        Worker<T>? called = null;
        lock (_gate)
            waiting = _admissions.Close(reason, forWorkersToo, ref called);
        called?.Wake();
        foreach (var waiter in waiting)
            waiter.Fail(reason!);
    }

    public override IReadOnlyList<QueuedEvent<T>> Waiting()
    {
        var waiting = new List<QueuedEvent<T>>();
        lock (_gate)
        {
            FillLanes();
            _lanes.AddWaitingTo(waiting);
            _admissions.AddFollowersTo(waiting);
        }

        return waiting;
    }

    protected override RoomWaiter<T> NewWaiter() => new LaneWaiter<TKey, T>(this);

    private static int Spread(int hash) => (int)((uint)hash * 0x9E3779B1u) ^ (hash >>> 15);

    private static Lane<TKey, T>? LaneOf(Worker<T> worker) => Unsafe.As<Lane<TKey, T>>(worker.Lane);

    // The one place where the application's code reads a key, which may throw at any call.
    private bool TryReadKey(in QueuedEvent<T> @event, out KeySlot<TKey> slot)
    {
        slot = default;
        try
        {
            if (_keyOf(@event, out var key))
                slot = new(true, key, Spread(key!.GetHashCode()));
            return true;
        }
        catch (Exception error)
        {
            OnKeyFailed?.Invoke(error, @event.Event!);
            return false;
        }
    }

    private static PublishException KeyFailed(in QueuedEvent<T> @event) =>
        new($"The key of event '{@event.Event!.GetType().FullName}' could not be read again when its publisher had to wait for room: one subscription did not get it. The log has the exception and names the subscription: mend OrderedBy(...), or the key's GetHashCode.");

    private void OnNudge()
    {
        Worker<T>? called = null;
        lock (_gate)
            _admissions.EndNudge(ref called);
        called?.Wake();
    }

    /// <summary>The way for an event that may have no room, or no share of it: everything that came in is counted, and it is decided exactly.</summary>
    private Admission AddCounting(in QueuedEvent<T> @event, in KeySlot<TKey> key, bool fromWorker)
    {
        var dropped = @event;
        var follower = fromWorker && @event.Details is { Root: > 0 } ? (LaneWaiter<TKey, T>)RentWaiter(@event) : null;
        if (follower is not null)
            follower.Key = key;
        Worker<T>? called = null;
        Admission admission;
        lock (_gate)
        {
            FillLanes();
            admission = _admissions.AddCounted(ref dropped, key, ref follower, fromWorker, ref called);
        }

        follower?.Spare();

        called?.Wake();
        if (admission == Admission.AcceptedDroppingOldest)
            OnDropped?.Invoke(dropped);
        return admission;
    }

    private void AdmitCounting()
    {
        Worker<T>? called = null;
        lock (_gate)
            Admit(ref called);
        called?.Wake();
    }

    /// <summary>The line's own worker goes on without the lock, until there is something to look after.</summary>
    private bool TryReadOn(Worker<T> worker)
    {
        if (!_calls.IsQuick || worker.IsSearching || worker.Begun >= worker.ReleaseBatch || worker.ReleasedAt != worker.BegunAt || !_line.TryRead(out worker.Current))
            return false;
        _progress.Begun++;
        worker.Begun++;
        worker.Counted++;
        return true;
    }

    // From here on: with the lock held.

    private void Admit(ref Worker<T>? called)
    {
        FillLanes();
        _admissions.AdmitCounted(ref called);
    }

    private bool TryTake(Worker<T> worker, ref Worker<T>? called)
    {
        var lane = Leave(worker, ref called);
        if (_admissions.IsHeld)
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

    /// <summary>The worker is done with its delivery.</summary>
    /// <returns>The lane with which it may go on.</returns>
    private Lane<TKey, T>? Leave(Worker<T> worker, ref Worker<T>? called)
    {
        var lane = LaneOf(worker);
        worker.Lane = null;
        if (ReferenceEquals(_line.Worker, worker))
            _line.Leave();
        if (lane is null || _lanes.MayGoOn(lane))
            return lane;
        ServeWaiters(lane, ref called);
        _lanes.CloseIfDone(lane);
        return null;
    }

    /// <summary>Takes what has come in: as it came, if this worker is alone with it; otherwise by its lanes.</summary>
    private bool TryTakeArrived(Worker<T> worker, ref Lane<TKey, T>? lane)
    {
        if (!_lanes.IsVacant || _line.Worker is not null || _lanes.KeepsAges)
        {
            FillLanes();
            return (lane = _lanes.TakeNext(worker)) is not null;
        }

        if (_line.IsEmpty && !_admissions.ClaimAll())
            return false;
        _line.Begin(worker);
        return true;
    }

    /// <summary>Moves all that has come in to its lanes.</summary>
    private void FillLanes()
    {
        _line.MoveTo(_lanes);
        if (_admissions.ClaimAll())
            _line.MoveTo(_lanes);
    }

    private void GiveBack(Worker<T> worker, ref Worker<T>? called)
    {
        worker.ReleasedAt = worker.BegunAt;
        if (_admissions.GiveBack(worker, ref called))
            Admit(ref called);
    }

    /// <summary>Nothing was found: room is given back, and the worker rests unless something has come in since.</summary>
    private Taken TakeOrRest(Worker<T> worker, bool mayRest, ref Worker<T>? called)
    {
        while (true)
        {
            GiveBack(worker, ref called);
            if (_admissions.Rest(worker, mayRest) is { } rest)
                return rest;
            if (TryTake(worker, ref called))
                return Taken.Delivery;
        }
    }

    private bool TryStepBack(Worker<T> worker, ref Worker<T>? called)
    {
        if (Leave(worker, ref called) is { } lane)
            _lanes.PutBack(lane);
        GiveBack(worker, ref called);
        return _admissions.TryStepBack(worker, ref called);
    }

    private void ServeWaiters(Lane<TKey, T> lane, ref Worker<T>? called)
    {
        if (lane.Waiters is null)
            return;
        _admissions.TakeFromLane(lane);
        Admit(ref called);
    }
}
