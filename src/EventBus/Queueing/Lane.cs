using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>The events of one key that wait, and which of them may run. Exists only while there are any. Guarded by the lock of the lanes.</summary>
internal sealed class Lane<TKey, T>
{
    private LaneNode<T>? _first;
    private LaneNode<T>? _last;

    /// <summary>Whether it stands for a key; an event without a key has a lane of its own.</summary>
    public bool IsKeyed;
    public TKey Key = default!;
    public int Hash;

    /// <summary>The next lane in the same bucket of the table.</summary>
    public Lane<TKey, T>? InBucket;

    /// <summary>The next lane that may run.</summary>
    public Lane<TKey, T>? InReady;

    public LaneState State;

    /// <summary>A parked delivery that has come back: it goes before all that wait.</summary>
    public Parked<T>? Returned;

    /// <summary>How many more events the worker may take before others get their turn.</summary>
    public int Turn;

    /// <summary>Publishers that wait for this key's share of the queue.</summary>
    public RoomWaiters<T>? Waiters;

    /// <summary>Events that wait.</summary>
    public int Count { get; private set; }

    public bool IsEmpty => Count == 0 && Returned is null;

    public LaneNode<T>? First => _first;

    /// <summary>Whether its next delivery came before that of another lane.</summary>
    public bool IsOlderThan(Lane<TKey, T> other) => NextNumber < other.NextNumber;

    private long NextNumber => Returned is not null || _first is null ? 0 : _first.Number;

    public void Append(LaneNode<T> node)
    {
        if (_last is null)
            _first = node;
        else
            _last.Next = node;
        _last = node;
        Count++;
    }

    /// <summary>Takes all out but the first ones.</summary>
    /// <returns>The first of those that were taken; the others follow it.</returns>
    public LaneNode<T>? TakeAllBut(int keep)
    {
        if (Count <= keep)
            return null;
        LaneNode<T>? last = null;
        for (var kept = 0; kept < keep; kept++)
            last = last is null ? _first : last.Next;
        var taken = last is null ? _first : last.Next;
        if (last is null)
            _first = null;
        else
            last.Next = null;
        _last = last;
        Count = keep;
        return taken;
    }

    public LaneNode<T> TakeFirst()
    {
        var node = _first!;
        _first = node.Next;
        if (_first is null)
            _last = null;
        node.Next = null;
        Count--;
        return node;
    }
}

/// <summary>An event in a lane.</summary>
internal sealed class LaneNode<T>
{
    public QueuedEvent<T> Event;
    public LaneNode<T>? Next;

    /// <summary>Grows with the order in which events came.</summary>
    public long Number;

    /// <summary>Its lane and its neighbours by age, where the oldest of all may have to be dropped.</summary>
    public object? Lane;
    public LaneNode<T>? Older;
    public LaneNode<T>? Younger;
}

/// <summary>What a lane is doing.</summary>
internal enum LaneState
{
    /// <summary>Nothing: it is empty, and kept only for publishers that wait for its share.</summary>
    Idle,

    /// <summary>It stands in the line of lanes that may run.</summary>
    Ready,

    /// <summary>A worker has an event of it.</summary>
    Running,

    /// <summary>Its first event is parked.</summary>
    Parked,
}
