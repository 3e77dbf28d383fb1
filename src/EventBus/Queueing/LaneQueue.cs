using System.Numerics;
using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Queueing;

/// <summary>Reads the key by which a subscription orders an event.</summary>
/// <returns>Whether the event has one; without it, it is in nobody's order.</returns>
internal delegate bool KeyReader<TKey, T>(in QueuedEvent<T> @event, out TKey key);

/// <summary>One line for each key, several workers: the queue of a subscription that asked for order by key or for concurrency.</summary>
/// <remarks>
/// A key that has events waiting has a lane; a lane that may run stands in its shard's line; a worker takes a lane, one event
/// of it, and may keep the lane for some more. While a worker has a lane nobody else does, which is the order's whole secret.
/// Publishers and workers meet only at the lock of a shard.
/// </remarks>
internal sealed class LaneQueue<TKey, T> : DeliveryQueue<T>
{
    private const int Turn = 32;
    private const int MaxShards = 16;

    private readonly KeyReader<TKey, T> _keyOf;
    private readonly LaneShard<TKey, T>[] _shards;
    private readonly SleepingWorkers<T> _sleeping = new();
    private readonly LaneAdmission<TKey, T> _admission;
    private readonly AgeList<T>? _ages;
    private readonly RoomCount _room = new();
    private volatile HoldReason _held;
    private volatile Exception? _closed;
    private volatile bool _closedForWorkers;

    public LaneQueue(QueueLimits limits, int concurrency, KeyReader<TKey, T> keyOf)
        : base(limits)
    {
        _keyOf = keyOf;
        // Whose oldest event must be found has one lock for all.
        _ages = limits.WhenFull == FullQueue.DropOldest ? new() : null;
        var shards = concurrency == 1 || _ages is not null ? 1 : Math.Min(MaxShards, (int)BitOperations.RoundUpToPowerOf2((uint)concurrency));
        _shards = new LaneShard<TKey, T>[shards];
        for (var i = 0; i < shards; i++)
            _shards[i] = new();
        _admission = new(this, limits);
    }

    public override long Accepted => Sum(static shard => ref shard.Accepted);

    public override long ParkedIn => Sum(static shard => ref shard.ParkedIn);

    public override long ParkedOut => Sum(static shard => ref shard.ParkedOut);

    public override int Depth => Math.Max(0, Volatile.Read(ref _room.Used));

    /// <summary>Lanes in memory.</summary>
    public int Keys => _shards.Sum(static shard => shard.Keys);

    protected override bool IsHeld => _held != HoldReason.None;

    private delegate ref long Counter(LaneShard<TKey, T> shard);

    public override void Attach(Worker<T> worker) => _sleeping.Add(worker);

    public override Admission TryAdd(in QueuedEvent<T> @event, bool fromWorker, out QueuedEvent<T> dropped)
    {
        dropped = default;
        var keyed = _keyOf(@event, out var key);
        var hash = keyed ? Spread(key!.GetHashCode()) : 0;
        var shard = ShardOf(keyed, hash, @event);
        if (!TryReserve(fromWorker))
        {
            if (_ages is not null)
                return AddDroppingOldest(shard, keyed, key, hash, @event, fromWorker, out dropped);
            return Counted(shard, WithoutRoom(fromWorker));
        }

        Admission admission;
        bool wakes;
        try
        {
            lock (shard.Gate)
                admission = AppendIfShared(shard, keyed, key, hash, @event, fromWorker, out dropped);
            wakes = admission is Admission.Accepted && _sleeping.Any;
        }
        catch
        {
            Release(1);
            throw;
        }

        if (admission != Admission.Accepted)
            Release(1);
        if (wakes)
            _sleeping.WakeOne();
        return admission;
    }

    public override ValueTask AddAsync(in QueuedEvent<T> @event, CancellationToken cancellationToken)
    {
        var keyed = _keyOf(@event, out var key);
        var hash = keyed ? Spread(key!.GetHashCode()) : 0;
        if (_closed is { } closed)
            return ValueTask.FromException(closed);
        var waiter = RentWaiter(@event);
        var waiting = waiter.Task;
        _admission.Add(waiter, ShardOf(keyed, hash, @event), keyed, key, hash);
        if (_closed is { } closedSince)
            _admission.FailAll(closedSince);
        waiter.CancelWith(cancellationToken);
        return waiting;
    }

    public override bool TryTake(Worker<T> worker, bool mayRest)
    {
        var lane = (Lane<TKey, T>?)worker.Lane;
        worker.Lane = null;
        var shard = lane?.Shard ?? _shards[worker.Cursor & (_shards.Length - 1)];
        if (lane is not null || shard.ReadyCount > 0)
        {
            Lane<TKey, T>? taken;
            bool owes;
            lock (shard.Gate)
            {
                owes = lane?.Waiters is not null;
                taken = lane is not null && Leave(lane) ? lane : PopReady(shard);
                if (taken is not null)
                    Take(taken, worker);
            }

            if (owes)
                _admission.Serve(lane!);
            if (taken is not null)
                return Begin(worker, taken);
        }

        return TakeElsewhere(worker) || (mayRest && FallAsleep(worker));
    }

    public override void ReleaseRoom(Worker<T> worker)
    {
        if (worker.Begun == 0)
            return;
        var begun = worker.Begun;
        worker.Begun = 0;
        Release(begun);
    }

    public override Parked<T> Park(Worker<T> worker, RetryState retry)
    {
        var lane = (Lane<TKey, T>)worker.Lane!;
        var parked = new Parked<T>(this, worker.Current, retry, lane);
        worker.Lane = null;
        Interlocked.Increment(ref _room.Used);
        lock (lane.Shard.Gate)
        {
            lane.State = LaneState.Parked;
            lane.Shard.ParkedIn += 1 + lane.Count;
            lane.Shard.Parked.Add(parked);
        }

        return parked;
    }

    public override void Return(Parked<T> parked)
    {
        var lane = (Lane<TKey, T>)parked.Lane!;
        lock (lane.Shard.Gate)
        {
            lane.Shard.Parked.Remove(parked);
            lane.Shard.ParkedOut += 1 + lane.Count;
            lane.Returned = parked;
            lane.Shard.PushReady(lane);
        }

        if (_sleeping.Any)
            _sleeping.WakeOne();
    }

    public override void Settled(Worker<T> worker)
    {
        // The lane is left, or kept, when the worker takes its next delivery.
    }

    public override bool TryForget(RoomWaiter<T> waiter) => _admission.TryForget(waiter);

    public override void Hold(HoldReason reason, bool on)
    {
        lock (_sleeping)
            _held = on ? _held | reason : _held & ~reason;
        if (!IsHeld)
            _sleeping.WakeOne();
    }

    public override void Close(Exception? reason, bool forWorkersToo)
    {
        _closedForWorkers = reason is not null && forWorkersToo;
        _closed = reason;
        // Whoever is inside a shard has either seen it or is in before us.
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
            }
        }

        if (reason is not null)
            _admission.FailAll(reason);
    }

    public override IReadOnlyList<QueuedEvent<T>> Waiting()
    {
        var waiting = new List<QueuedEvent<T>>();
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
                foreach (var parked in shard.Parked)
                    waiting.Add(parked.Event);
                foreach (var lane in shard.Lanes())
                {
                    if (lane.Returned is { } returned)
                        waiting.Add(returned.Event);
                    for (var node = lane.First; node is not null; node = node.Next)
                        waiting.Add(node.Event);
                }
            }
        }

        return waiting;
    }

    /// <summary>Takes room for one event, if there is any.</summary>
    public bool TryReserve(bool fromWorker)
    {
        if (!fromWorker && _admission.AnyoneWaits)
            return false;
        if (Interlocked.Increment(ref _room.Used) <= Limits.For(fromWorker))
            return true;
        Interlocked.Decrement(ref _room.Used);
        return false;
    }

    /// <summary>As <see cref="TryReserve"/>, for one whose turn it is.</summary>
    public bool TryReserveForWaiter()
    {
        if (Interlocked.Increment(ref _room.Used) <= Limits.Capacity)
            return true;
        Interlocked.Decrement(ref _room.Used);
        return false;
    }

    /// <summary>Takes a reservation back that was not used.</summary>
    public void Unreserve() => Interlocked.Decrement(ref _room.Used);

    /// <summary>Gives room back.</summary>
    public void Release(int count)
    {
        Interlocked.Add(ref _room.Used, -count);
        if (_admission.AnyoneWaits)
            _admission.Serve();
    }

    /// <summary>Puts a waiting publisher's event in its lane; its room is reserved. With the shard's lock held.</summary>
    public void AppendFor(RoomWaiter<T> waiter, LaneShard<TKey, T> shard, bool keyed, TKey key, int hash)
    {
        var lane = (keyed ? shard.Find(key, hash) : null) ?? (keyed ? shard.Open(key, hash) : shard.OpenUnkeyed());
        Append(lane, waiter.Event);
    }

    public void WakeIfAsleep()
    {
        if (_sleeping.Any)
            _sleeping.WakeOne();
    }

    private static int Spread(int hash) => (int)((uint)hash * 0x9E3779B1u) ^ (hash >> 15);

    private LaneShard<TKey, T> ShardOf(bool keyed, int hash, in QueuedEvent<T> @event) =>
        _shards[(keyed ? hash >>> 24 : (int)@event.Stamp.Number) & (_shards.Length - 1)];

    private long Sum(Counter counter)
    {
        long sum = 0;
        foreach (var shard in _shards)
            sum += Volatile.Read(ref counter(shard));
        return sum;
    }

    private bool IsClosedTo(bool fromWorker) => _closed is not null && (!fromWorker || _closedForWorkers);

    private static Admission Counted(LaneShard<TKey, T> shard, Admission admission)
    {
        if (admission == Admission.Dropped)
            Interlocked.Increment(ref shard.Accepted);
        return admission;
    }

    private bool Begin(Worker<T> worker, Lane<TKey, T> lane)
    {
        if (++worker.Begun >= worker.ReleaseBatch || worker.ReleasedAt != worker.BegunAt)
        {
            worker.ReleasedAt = worker.BegunAt;
            ReleaseRoom(worker);
        }

        if (lane.Waiters is not null)
            _admission.Serve(lane);
        if (!worker.IsSearching)
            return true;
        _sleeping.EndSearch(worker);
        if (_sleeping.Any && AnyReady())
            _sleeping.WakeOne();
        return true;
    }

    private bool AnyReady()
    {
        foreach (var shard in _shards)
        {
            if (shard.ReadyCount > 0)
                return true;
        }

        return false;
    }

    private bool TakeElsewhere(Worker<T> worker)
    {
        for (var i = 0; i < _shards.Length; i++)
        {
            var shard = _shards[++worker.Cursor & (_shards.Length - 1)];
            if (shard.ReadyCount > 0 && TakeReady(shard, worker) is { } taken)
                return Begin(worker, taken);
        }

        return false;
    }

    private bool FallAsleep(Worker<T> worker)
    {
        ReleaseRoom(worker);
        if (worker.IsSearching)
            _sleeping.EndSearch(worker);
        _sleeping.Add(worker);
        foreach (var shard in _shards)
        {
            if (TakeReady(shard, worker) is not { } taken)
                continue;
            _sleeping.Remove(worker);
            return Begin(worker, taken);
        }

        return false;
    }

    private Lane<TKey, T>? TakeReady(LaneShard<TKey, T> shard, Worker<T> worker)
    {
        lock (shard.Gate)
        {
            var taken = PopReady(shard);
            if (taken is not null)
                Take(taken, worker);
            return taken;
        }
    }

    // From here on: with the shard's lock held.

    private Admission AppendIfShared(LaneShard<TKey, T> shard, bool keyed, TKey key, int hash, in QueuedEvent<T> @event, bool fromWorker, out QueuedEvent<T> dropped)
    {
        dropped = default;
        if (IsClosedTo(fromWorker))
            return Admission.Closed;
        var lane = keyed ? shard.Find(key, hash) : null;
        if (lane is not null && !fromWorker && (lane.Count >= Limits.MaxPerKey || lane.Waiters is not null))
        {
            var admission = WithoutRoom(fromWorker);
            if (admission == Admission.Dropped && _ages is not null && lane.Count > 0)
            {
                dropped = DropFirst(lane);
                Append(lane, @event);
                return Admission.AcceptedDroppingOldest;
            }

            return Counted(shard, admission);
        }

        Append(lane ?? (keyed ? shard.Open(key, hash) : shard.OpenUnkeyed()), @event);
        return Admission.Accepted;
    }

    private Admission AddDroppingOldest(LaneShard<TKey, T> shard, bool keyed, TKey key, int hash, in QueuedEvent<T> @event, bool fromWorker, out QueuedEvent<T> dropped)
    {
        dropped = default;
        lock (shard.Gate)
        {
            if (IsClosedTo(fromWorker))
                return Admission.Closed;
            if (_ages!.Oldest is not { } oldest)
                return Counted(shard, Admission.Dropped);
            var lane = (keyed ? shard.Find(key, hash) : null) ?? (keyed ? shard.Open(key, hash) : shard.OpenUnkeyed());
            dropped = DropFirst(lane.Count >= Limits.MaxPerKey ? lane : (Lane<TKey, T>)oldest.Lane!);
            Append(lane, @event);
        }

        WakeIfAsleep();
        return Admission.AcceptedDroppingOldest;
    }

    private QueuedEvent<T> DropFirst(Lane<TKey, T> lane)
    {
        if (lane.State == LaneState.Parked)
            lane.Shard.ParkedOut++;
        return Unload(lane);
    }

    private void Append(Lane<TKey, T> lane, in QueuedEvent<T> @event)
    {
        var shard = lane.Shard;
        var node = shard.NewNode(@event);
        if (_ages is not null)
        {
            node.Lane = lane;
            _ages.Add(node);
        }

        lane.Append(node);
        shard.Accepted++;
        if (lane.State == LaneState.Idle)
            shard.PushReady(lane);
        else if (lane.State == LaneState.Parked)
            shard.ParkedIn++;
    }

    private QueuedEvent<T> Unload(Lane<TKey, T> lane)
    {
        var node = lane.TakeFirst();
        _ages?.Remove(node);
        var @event = node.Event;
        lane.Shard.Recycle(node);
        return @event;
    }

    private Lane<TKey, T>? PopReady(LaneShard<TKey, T> shard)
    {
        if (IsHeld)
            return null;
        while (shard.PopReady() is { } lane)
        {
            // What stood in it may have been dropped meanwhile.
            if (!lane.IsEmpty)
            {
                lane.Turn = Turn;
                return lane;
            }

            Rest(lane);
        }

        return null;
    }

    private void Take(Lane<TKey, T> lane, Worker<T> worker)
    {
        lane.State = LaneState.Running;
        worker.Lane = lane;
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

    /// <returns>Whether the worker may go on with the lane.</returns>
    private bool Leave(Lane<TKey, T> lane)
    {
        if (lane.IsEmpty)
        {
            Rest(lane);
            return false;
        }

        if (!IsHeld && --lane.Turn > 0)
            return true;
        lane.Shard.PushReady(lane);
        return false;
    }

    private static void Rest(Lane<TKey, T> lane)
    {
        lane.State = LaneState.Idle;
        if (lane.Waiters is null)
            lane.Shard.Close(lane);
    }
}
