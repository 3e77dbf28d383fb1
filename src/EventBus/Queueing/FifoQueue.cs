using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Queueing;

/// <summary>One line, one worker: the queue of a subscription of concurrency 1 that asked for no order by key.</summary>
/// <remarks>
/// Publishers take the lock once for each event. The worker takes it once for a whole batch: it claims all there is, works
/// through its claim alone, and gives room back many events at a time. An event that carries a key still waits behind an
/// earlier one of that key that is parked: see <see cref="ParkedKeys{T}"/>.
/// </remarks>
internal sealed class FifoQueue<T>(QueueLimits limits) : DeliveryQueue<T>(limits)
{
    private readonly object _gate = new();
    private readonly RoomWaiters<T> _waiters = new();
    private readonly LinkedList<Parked<T>> _parked = new();
    private readonly Queue<Parked<T>> _returned = new();

    // Where the oldest may be dropped nothing is claimed ahead, or it could not be.
    private readonly bool _claimsAll = limits.WhenFull != FullQueue.DropOldest;

    private Ring<T> _ring = new();
    private long _tail;
    private long _claimed;
    private long _freed;
    private int _used;
    private long _accepted;
    private long _parkedIn;
    private long _parkedOut;
    private bool _asleep = true;
    private HoldReason _held;
    private Exception? _closed;
    private bool _closedForWorkers;
    private Worker<T>? _worker;

    private readonly FifoClaim<T> _own = new();

    public override long Accepted => Volatile.Read(ref _accepted);

    public override long ParkedIn => Volatile.Read(ref _parkedIn);

    public override long ParkedOut => Volatile.Read(ref _parkedOut);

    public override int Depth => Math.Max(0, Volatile.Read(ref _used) - Volatile.Read(ref _own.Begun));

    protected override bool IsHeld => _held != HoldReason.None;

    public override void Attach(Worker<T> worker)
    {
        _worker = worker;
        worker.FifoClaim = _own;
    }

    public override Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker, out QueuedEvent<T> dropped)
    {
        dropped = default;
        var admission = Admission.Accepted;
        bool wakes;
        lock (_gate)
        {
            if (_closed is not null && (!fromWorker || _closedForWorkers))
                return Admission.Closed;
            if (!HasRoomFor(@event, fromWorker))
            {
                admission = WithoutRoom(fromWorker);
                if (admission != Admission.Dropped)
                    return admission;
                if (_claimsAll || _claimed == _tail)
                {
                    _accepted++;
                    return Admission.Dropped;
                }

                dropped = TakeOldest();
                _used--;
                admission = Admission.AcceptedDroppingOldest;
            }

            wakes = Append(@event);
        }

        if (wakes)
            _worker!.Wake();
        return admission;
    }

    public override ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken)
    {
        RoomWaiter<T> waiter;
        ValueTask waiting;
        bool wakes;
        lock (_gate)
        {
            if (_closed is not null)
                return ValueTask.FromException(_closed);
            waiter = RentWaiter(@event);
            waiting = waiter.Task;
            _waiters.Add(waiter);
            wakes = Admit();
        }

        if (wakes)
            _worker!.Wake();
        waiter.CancelWith(cancellationToken);
        return waiting;
    }

    public override bool TryTake(Worker<T> worker, bool mayRest)
    {
        var own = worker.FifoClaim!;
        while (true)
        {
            if (own.Next == own.End || own.Attention)
            {
                switch (Claim(worker, mayRest))
                {
                    case Claimed.Nothing:
                        return false;
                    case Claimed.Returned:
                        return true;
                }
            }

            own.Ring.Take(own.Next++, out worker.Current);
            if (own.ParkedKeys is not null && worker.Current.Details?.Key is { } key && WaitsBehind(key, worker.Current))
                continue;
            if (++own.Begun >= worker.ReleaseBatch || own.ReleasedAt != worker.BegunAt)
            {
                own.ReleasedAt = worker.BegunAt;
                ReleaseRoom(worker);
            }

            return true;
        }
    }

    public override void ReleaseRoom(Worker<T> worker)
    {
        if (_own.Begun == 0)
            return;
        bool wakes;
        lock (_gate)
            wakes = GiveBack();
        if (wakes)
            _worker!.Wake();
    }

    public override Parked<T> Park(Worker<T> worker, RetryState retry)
    {
        var parked = new Parked<T>(this, worker.Current, retry, null);
        lock (_gate)
        {
            GiveBack();
            _used++;
            if (worker.Current.Details?.Key is { } key)
                (_own.ParkedKeys ??= new()).Close(key);
            Keep(parked);
        }

        return parked;
    }

    public override void Return(Parked<T> parked)
    {
        bool wakes;
        lock (_gate)
        {
            MakeRunnable(parked);
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
        {
            if (_own.ParkedKeys.Next(key) is { } next)
                MakeRunnable(next);
            if (_own.ParkedKeys.IsEmpty)
                _own.ParkedKeys = null;
        }
    }

    public override bool TryForget(RoomWaiter<T> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is null)
                return false;
            _waiters.Remove(waiter);
            return true;
        }
    }

    public override void Hold(HoldReason reason, bool on)
    {
        bool wakes;
        lock (_gate)
        {
            _held = on ? _held | reason : _held & ~reason;
            _own.Attention = IsHeld || _returned.Count > 0;
            wakes = !IsHeld && (_tail > _own.Next || _returned.Count > 0) && WakesWorker();
        }

        if (wakes)
            _worker!.Wake();
    }

    public override void Close(Exception? reason, bool forWorkersToo)
    {
        var waiting = new List<RoomWaiter<T>>();
        lock (_gate)
        {
            _closed = reason;
            _closedForWorkers = reason is not null && forWorkersToo;
            while (reason is not null && _waiters.First is { } waiter)
            {
                _waiters.Remove(waiter);
                waiting.Add(waiter);
            }
        }

        foreach (var waiter in waiting)
            waiter.Fail(reason!);
    }

    public override IReadOnlyList<QueuedEvent<T>> Waiting()
    {
        var waiting = new List<QueuedEvent<T>>();
        lock (_gate)
        {
            foreach (var parked in _parked)
                waiting.Add(parked.Event);
            foreach (var parked in _returned)
                waiting.Add(parked.Event);
            for (var number = _own.Next; number < _own.End; number++)
                waiting.Add(_own.Ring.Peek(number));
            for (var number = _claimed; number < _tail; number++)
                waiting.Add(_ring.Peek(number));
        }

        return waiting;
    }

    // From here on: with the lock held.

    private bool HasRoomFor(in QueuedEvent<T> @event, bool fromWorker) =>
        _used < Limits.For(fromWorker)
        && (fromWorker || (_waiters.First is null && HasShareFor(@event)));

    private bool HasShareFor(in QueuedEvent<T> @event) =>
        _own.ParkedKeys is null || @event.Details?.Key is not { } key || _own.ParkedKeys.Behind(key) < Limits.MaxPerKey;

    private bool Append(in QueuedEvent<T> @event)
    {
        if (_tail - _freed == _ring.Length)
            _ring = _ring.Grown(_claimed, _tail);
        _ring.Put(_tail++, @event);
        _accepted++;
        _used++;
        return !IsHeld && WakesWorker();
    }

    private bool WakesWorker()
    {
        if (!_asleep)
            return false;
        _asleep = false;
        return true;
    }

    private bool GiveBack()
    {
        _used -= _own.Begun;
        _own.Begun = 0;
        if (_claimsAll)
            _freed = _own.Next;
        return Admit();
    }

    private void ClaimOne()
    {
        _own.Ring.Put(_own.Next, TakeOldest());
        _own.End = _own.Next + 1;
    }

    private QueuedEvent<T> TakeOldest()
    {
        _ring.Take(_claimed++, out var oldest);
        _freed = _claimed;
        return oldest;
    }

    private bool Admit()
    {
        var wakes = false;
        for (var waiter = _waiters.First; waiter is not null && _used < Limits.Capacity;)
        {
            var next = waiter.Next;
            if (HasShareFor(waiter.Event))
            {
                _waiters.Remove(waiter);
                wakes |= Append(waiter.Event);
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
            if (IsHeld)
            {
                _asleep = mayRest;
                return Claimed.Nothing;
            }

            if (_returned.TryDequeue(out var parked))
            {
                _own.Attention = _returned.Count > 0;
                _used--;
                worker.Resume(parked);
                Admit();
                return Claimed.Returned;
            }

            _own.Attention = false;
            if (_own.Next < _own.End)
                return Claimed.More;
            _own.Next = _claimed;
            if (_own.Next == _tail)
            {
                _own.End = _own.Next;
                _asleep = mayRest;
                return Claimed.Nothing;
            }

            if (_claimsAll)
                (_own.Ring, _claimed, _own.End) = (_ring, _tail, _tail);
            else
                ClaimOne();
            return Claimed.More;
        }
    }

    private bool WaitsBehind(string key, in QueuedEvent<T> @event)
    {
        lock (_gate)
        {
            if (_own.ParkedKeys is null || !_own.ParkedKeys.IsClosed(key))
                return false;
            var parked = new Parked<T>(this, @event, null, null);
            _own.ParkedKeys.Add(key, parked);
            Keep(parked);
            return true;
        }
    }

    private void Keep(Parked<T> parked)
    {
        parked.Node = _parked.AddLast(parked);
        _parkedIn++;
    }

    private void MakeRunnable(Parked<T> parked)
    {
        _parked.Remove(parked.Node!);
        _parkedOut++;
        _returned.Enqueue(parked);
        _own.Attention = true;
    }

    private enum Claimed
    {
        Nothing,
        More,
        Returned,
    }
}
