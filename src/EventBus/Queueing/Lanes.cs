using System.Runtime.CompilerServices;
using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>One line of events for each key, and the line of the lanes that may run. Guarded by the lock of the lanes.</summary>
/// <remarks>A lane that a worker has nobody else has, which is the order's whole secret. It comes into being with its key's first
/// event and goes when it is empty.</remarks>
internal sealed class Lanes<TKey, T>(QueueLimits limits, KeyShares? shares)
{
    // How many events of one lane a worker takes before others may have their turn.
    private const int Turn = 32;

    private readonly LaneTable<TKey, T> _table = new(limits.For(fromWorker: true));
    private readonly LaneNodes<T> _nodes = new(limits.For(fromWorker: true));
    private readonly ReadyLine<TKey, T> _ready = new();
    private readonly HashSet<Parked<T>> _parked = [];
    private readonly AgeList<T>? _ages = limits.WhenFull == QueueFullMode.DropOldest ? new() : null;
    private int _failed;
    private long _parkedIn;
    private long _parkedOut;

    public long ParkedIn => Volatile.Read(ref _parkedIn);

    public long ParkedOut => Volatile.Read(ref _parkedOut);

    /// <summary>Whether every event must stand in its lane, because the oldest of all may have to be dropped.</summary>
    public bool KeepsAges => _ages is not null;

    /// <summary>Whether there is no lane at all, neither waiting nor running nor parked.</summary>
    public bool IsVacant => _table.InUse == 0;

    /// <summary>Whether a lane may run; may be read without the lock, as a hint.</summary>
    public bool AnyReady => _ready.Count > 0;

    /// <inheritdoc cref="FifoParking{T}.AnyFailed"/>
    public bool AnyFailed => _failed > 0;

    public int Keys => _table.Keys;

    public IEnumerable<Lane<TKey, T>> Keyed => _table.Keyed();

    public Lane<TKey, T>? Find(in KeySlot<TKey> key) => _table.Find(key);

    /// <summary>Puts an event that has come in at the end of its lane.</summary>
    public void Place(in QueuedEvent<T> @event, in KeySlot<TKey> key)
    {
        var lane = _table.FindOrOpen(key);
        var node = _nodes.Rent(@event);
        if (_ages is not null)
        {
            node.Lane = lane;
            _ages.Add(node);
        }

        lane.Append(node);
        if (lane.State == LaneState.Idle)
            _ready.Push(lane);
        else if (lane.State == LaneState.Parked)
            _parkedIn++;
    }

    /// <summary>A lane for a delivery that a worker has in hand already.</summary>
    public void Run(Worker<T> worker, in KeySlot<TKey> key)
    {
        var lane = _table.FindOrOpen(key);
        lane.State = LaneState.Running;
        lane.Turn = Turn;
        worker.Lane = lane;
    }

    /// <summary>Gives a worker the next delivery of a lane that may run.</summary>
    /// <returns>The lane, or nothing if none may run.</returns>
    public Lane<TKey, T>? TakeNext(Worker<T> worker)
    {
        while (_ready.Pop() is { } lane)
        {
            lane.Turn = Turn;
            if (!lane.IsEmpty)
            {
                Take(lane, worker);
                return lane;
            }

            // What stood in it was dropped meanwhile.
            lane.State = LaneState.Idle;
            CloseIfDone(lane);
        }

        return null;
    }

    public void Take(Lane<TKey, T> lane, Worker<T> worker)
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

    /// <summary>A worker is done with a delivery of the lane. It goes on with it for its turn, and beyond that as long as nothing older waits: so
    /// a key with more events than the others is not kept waiting between them.</summary>
    /// <returns>Whether the worker may go on with the lane.</returns>
    public bool MayGoOn(Lane<TKey, T> lane)
    {
        if (lane.IsEmpty)
        {
            lane.State = LaneState.Idle;
            return false;
        }

        if (--lane.Turn > 0 || _ready.First is not { } first || lane.IsOlderThan(first))
            return true;
        _ready.Push(lane);
        return false;
    }

    /// <summary>Gives a lane back that may run.</summary>
    public void PutBack(Lane<TKey, T> lane) => _ready.Push(lane);

    public void CloseIfDone(Lane<TKey, T> lane)
    {
        if (lane is { State: LaneState.Idle, IsEmpty: true, Waiters: null })
            _table.Close(lane);
    }

    public void Park(Lane<TKey, T> lane, Parked<T> parked)
    {
        lane.State = LaneState.Parked;
        _parkedIn += 1 + lane.Count;
        _failed += parked.Retry is { Postponements: 0 } ? 1 : 0;
        _parked.Add(parked);
    }

    public void Return(Parked<T> parked)
    {
        var lane = Unsafe.As<Lane<TKey, T>>(parked.Lane)!;
        _parked.Remove(parked);
        _parkedOut += 1 + lane.Count;
        _failed -= parked.Retry is { Postponements: 0 } ? 1 : 0;
        lane.Returned = parked;
        _ready.Push(lane);
    }

    /// <summary>Takes the oldest event out: of one lane, or of all.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryDropOldest(Lane<TKey, T>? lane, out QueuedEvent<T> dropped)
    {
        dropped = default;
        lane ??= (Lane<TKey, T>?)_ages?.Oldest?.Lane;
        if (_ages is null || lane is null || lane.Count == 0)
            return false;
        if (lane.State == LaneState.Parked)
            _parkedOut++;
        dropped = Unload(lane);
        return true;
    }

    /// <summary>Takes events out that wait behind a running one of their key. Not where the oldest of all may have to be dropped.</summary>
    public void TakeBack(int keep, List<QueuedEvent<T>> taken)
    {
        foreach (var lane in _table.Keyed())
        {
            if (lane.State != LaneState.Running)
                continue;
            for (var node = lane.TakeAllBut(keep); node is not null;)
            {
                var next = node.Next;
                node.Next = null;
                shares?.CountOut(lane.Hash);
                taken.Add(_nodes.Return(node));
                node = next;
            }
        }
    }

    public void AddWaitingTo(List<QueuedEvent<T>> waiting)
    {
        foreach (var parked in _parked)
            waiting.Add(parked.Event);
        for (var lane = _ready.First; lane is not null; lane = lane.InReady)
            AddUnlessKeyed(lane);
        foreach (var lane in _table.Keyed())
            Add(lane);

        void AddUnlessKeyed(Lane<TKey, T> lane)
        {
            if (!lane.IsKeyed)
                Add(lane);
        }

        void Add(Lane<TKey, T> lane)
        {
            if (lane.Returned is { } returned)
                waiting.Add(returned.Event);
            for (var node = lane.First; node is not null; node = node.Next)
                waiting.Add(node.Event);
        }
    }

    private QueuedEvent<T> Unload(Lane<TKey, T> lane)
    {
        var node = lane.TakeFirst();
        _ages?.Remove(node);
        if (lane.IsKeyed)
            shares?.CountOut(lane.Hash);
        return _nodes.Return(node);
    }
}
