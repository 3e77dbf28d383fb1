using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Queueing;

/// <summary>One line, one worker: the queue of a subscription of concurrency 1 that asked for no order by key.</summary>
/// <remarks>
/// Publishers take the lock once for each event. The worker takes it once for a whole batch: it claims all there is, works
/// through its claim alone, and gives room back many events at a time. An event that carries a key still waits behind an
/// earlier one of that key that is parked: see <see cref="ParkedKeys{T}"/>.
/// </remarks>
internal sealed class FifoQueue<T> : DeliveryQueue<T>
{
    private readonly object _gate = new();
    private readonly Entrance<T> _entrance;
    private readonly FifoClaim<T> _own = new();
    private readonly FifoParking<T> _parking;
    private readonly bool _claimsAll;
    private bool _asleep = true;
    private HoldReason _held;
    private Worker<T>? _worker;

    public FifoQueue(QueueLimits limits)
        : base(limits)
    {
        _entrance = new(limits);
        _parking = new(this, _own, limits.MaxPerKey);
        // Where the oldest may be dropped nothing is claimed ahead, or it could not be.
        _claimsAll = limits.WhenFull != QueueFullMode.DropOldest;
    }

    public override long Accepted
    {
        get
        {
            lock (_gate)
                return _entrance.Accepted;
        }
    }

    public override long ParkedIn => _parking.ParkedIn + _entrance.BehindIn;

    public override long ParkedOut => _parking.ParkedOut + _entrance.BehindOut;

    public override bool AnyPublisherWaits
    {
        get
        {
            lock (_gate)
                return _entrance.Waiters.First is not null;
        }
    }

    public override void Attach(Worker<T> worker)
    {
        _worker = worker;
        worker.FifoClaim = _own;
    }

    public override void Replace(Worker<T> abandoned, Worker<T> successor) => Attach(successor);

    public override Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker)
    {
        var hasRoom = false;
        var wakes = false;
        lock (_gate)
        {
            if (_entrance.IsClosedTo(fromWorker))
                return Admission.Closed;
            if (fromWorker && _entrance.MayHoldCauseOf(@event) && TryPutBehindCause(@event) is { } isBehind)
            {
                hasRoom = isBehind;
            }
            else if (_entrance.HasRoom(fromWorker) && (fromWorker || _parking.HasShareFor(@event)))
            {
                wakes = Append(@event);
                hasRoom = true;
            }

            if (fromWorker && !hasRoom)
                wakes = LetFollowersIn();
        }

        if (wakes)
            _worker!.Wake();
        return hasRoom ? Admission.Accepted : AddWithoutRoom(@event, fromWorker);
    }

    public override ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken)
    {
        RoomWaiter<T> waiter;
        ValueTask waiting;
        bool wakes;
        lock (_gate)
        {
            if (_entrance.Closed is { } closed)
                return ValueTask.FromException(closed);
            waiter = RentWaiter(@event);
            waiting = waiter.Task;
            _entrance.AddWaiter(waiter);
            wakes = Admit();
        }

        if (wakes)
            _worker!.Wake();
        waiter.CancelWith(cancellationToken);
        return waiting;
    }

    public override Taken Take(Worker<T> worker, bool mayRest)
    {
        var own = worker.FifoClaim!;
        while (true)
        {
            if (own.Next == own.End || own.Attention)
            {
                switch (Claim(worker, mayRest))
                {
                    case Claimed.Nothing:
                        return mayRest ? Taken.Rest : Taken.Nothing;
                    case Claimed.Returned:
                        return Taken.Delivery;
                }
            }

            own.Ring.Take(own.Next++, out worker.Current);
            if (own.ParkedKeys is not null && worker.Current.Details?.Key is { } key && WaitsBehind(key, worker.Current))
                continue;
            if (++own.Begun >= worker.ReleaseBatch || own.ReleasedAt != worker.BegunAt)
            {
                own.ReleasedAt = worker.BegunAt;
                GiveBackNow();
            }

            return Taken.Delivery;
        }
    }

    public override void BeforeWaiting(Worker<T> worker) => GiveBackNow();

    public override Parked<T>? Park(Worker<T> worker, in Parking waits)
    {
        lock (_gate)
        {
            _entrance.TakeRoom();
            return _parking.Park(worker.Current, waits.Retry, CountInLine);
        }
    }

    public override void Return(Parked<T> parked)
    {
        bool wakes;
        lock (_gate)
        {
            _parking.Return(parked);
            wakes = WakesWorker();
        }

        if (wakes)
            _worker!.Wake();
    }

    public override void Settled(Worker<T> worker)
    {
        if (_own.ParkedKeys is null || worker.Current.Details?.Key is not { } key)
            return;
        lock (_gate)
            _parking.Open(key);
    }

    public override bool TryForget(RoomWaiter<T> waiter)
    {
        var wakes = false;
        lock (_gate)
        {
            if (waiter.List is null)
                return false;
            _entrance.Leave(waiter);
            while (waiter.TakeFollower() is { } follower)
            {
                if (!_entrance.TryMoveBehindAnother(follower))
                    wakes |= AppendFollower(follower);
            }
        }

        if (wakes)
            _worker!.Wake();
        return true;
    }

    public override void Hold(HoldReason reason, bool on)
    {
        bool wakes;
        lock (_gate)
        {
            _held = on ? _held | reason : _held & ~reason;
            _own.Attention = _held != HoldReason.None || _parking.AnyReturned;
            wakes = _held == HoldReason.None && (_entrance.Tail > _own.Next || _parking.AnyReturned) && WakesWorker();
        }

        if (wakes)
            _worker!.Wake();
    }

    public override void Close(Exception? reason, bool forWorkersToo)
    {
        IReadOnlyList<RoomWaiter<T>> waiting;
        var wakes = false;
        lock (_gate)
        {
            if (reason is not null)
                wakes = AppendAllFollowers();
            waiting = _entrance.Close(reason, forWorkersToo);
        }

        if (wakes)
            _worker!.Wake();
        foreach (var waiter in waiting)
            waiter.Fail(reason!);
    }

    public override IReadOnlyList<QueuedEvent<T>> Waiting()
    {
        var waiting = new List<QueuedEvent<T>>();
        lock (_gate)
        {
            _parking.AddTo(waiting);
            AddLineTo(waiting);
            _entrance.AddFollowersTo(waiting);
        }

        return waiting;
    }

    private Admission AddWithoutRoom(in QueuedEvent<T> @event, bool fromWorker)
    {
        var admission = Limits.WithoutRoom(fromWorker);
        if (admission != Admission.Dropped)
            return admission;
        var dropped = @event;
        var wakes = false;
        lock (_gate)
        {
            if (_claimsAll || _entrance.IsEmpty)
            {
                _entrance.CountAccepted();
            }
            else
            {
                _entrance.TakeOldest(out dropped);
                _entrance.GiveBack(1);
                wakes = Append(@event);
                admission = Admission.AcceptedDroppingOldest;
            }
        }

        if (wakes)
            _worker!.Wake();
        OnDropped?.Invoke(dropped);
        return admission;
    }

    private bool WaitsBehind(string key, in QueuedEvent<T> @event)
    {
        lock (_gate)
            return _parking.WaitsBehind(key, @event);
    }

    private void GiveBackNow()
    {
        if (_own.Begun == 0)
            return;
        bool wakes;
        lock (_gate)
            wakes = GiveBack();
        if (wakes)
            _worker!.Wake();
    }

    // From here on: with the lock held.

    private int CountInLine(string key)
    {
        var inLine = new List<QueuedEvent<T>>();
        AddLineTo(inLine);
        var count = 0;
        foreach (var queued in inLine)
            count += queued.Details?.Key == key ? 1 : 0;
        return count;
    }

    private void AddLineTo(List<QueuedEvent<T>> waiting)
    {
        for (var number = _own.Next; number < _own.End; number++)
            waiting.Add(_own.Ring.Peek(number));
        _entrance.AddUnclaimedTo(waiting);
    }

    private bool Append(in QueuedEvent<T> @event)
    {
        _entrance.Append(@event);
        _parking.Count(@event);
        return _held == HoldReason.None && WakesWorker();
    }

    private bool? TryPutBehindCause(in QueuedEvent<T> @event)
    {
        var follower = RentWaiter(@event);
        var isBehind = _entrance.TryPutBehind(follower);
        if (isBehind != true)
            follower.Spare();
        return isBehind;
    }

    private bool AppendFollower(RoomWaiter<T> follower)
    {
        var wakes = Append(follower.Event);
        _entrance.CountFollowerIn();
        follower.Spare();
        return wakes;
    }

    private bool AppendAllFollowers()
    {
        var wakes = false;
        foreach (var waiter in _entrance.WithFollowers())
        {
            while (waiter.TakeFollower() is { } follower)
                wakes |= AppendFollower(follower);
        }

        return wakes;
    }

    // All that it holds has been put off, because what handlers publish finds no room, and the reserve is held by events that stand behind publishers: nothing would ever move
    // again. So they come in before those publishers do.
    private bool LetFollowersIn() =>
        _entrance.Behind > 0 && _entrance.IsEmpty && _own.Next >= _own.End && !_parking.AnyReturned && !_parking.AnyFailed && AppendAllFollowers();

    private bool WakesWorker()
    {
        if (!_asleep)
            return false;
        _asleep = false;
        return true;
    }

    private bool GiveBack()
    {
        _entrance.GiveBack(_own.Begun);
        _own.Begun = 0;
        if (_claimsAll)
            _entrance.Free(_own.Next);
        return Admit();
    }

    private bool Admit()
    {
        var wakes = false;
        for (var waiter = _entrance.Waiters.First; waiter is not null && _entrance.HasRoomForWaiter;)
        {
            var next = waiter.Next;
            if (_parking.HasShareFor(waiter.Event))
            {
                _entrance.Leave(waiter);
                wakes |= Append(waiter.Event);
                while (waiter.TakeFollower() is { } follower)
                    wakes |= AppendFollower(follower);
                // Last: from then on it is the next publisher's.
                waiter.Admit();
            }

            waiter = next;
        }

        return wakes;
    }

    private Claimed Claim(Worker<T> worker, bool mayRest)
    {
        lock (_gate)
        {
            GiveBack();
            if (_held != HoldReason.None)
            {
                _asleep = mayRest;
                return Claimed.Nothing;
            }

            if (_parking.TryTakeReturned(out var parked))
            {
                _own.Attention = _parking.AnyReturned;
                _entrance.GiveBack(1);
                worker.Resume(parked!);
                Admit();
                return Claimed.Returned;
            }

            _own.Attention = false;
            return _own.Next < _own.End || ClaimMore() ? Claimed.More : Rest(mayRest);
        }
    }

    private bool ClaimMore()
    {
        _own.Next = _own.End = _entrance.Claimed;
        if (_entrance.IsEmpty)
            return false;
        if (_claimsAll)
        {
            _own.Ring = _entrance.Ring;
            _entrance.ClaimAll();
            _own.End = _entrance.Claimed;
            return true;
        }

        _entrance.TakeOldest(out var only);
        _own.Ring.Put(_own.Next, only);
        _own.End = _own.Next + 1;
        return true;
    }

    private Claimed Rest(bool mayRest)
    {
        _asleep = mayRest;
        return Claimed.Nothing;
    }

    private enum Claimed
    {
        Nothing,
        More,
        Returned,
    }
}
