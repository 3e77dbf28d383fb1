using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>The lanes of a queue: found by key, and in the order in which they may run. Guarded by its owner's lock.</summary>
/// <param name="maxSpare">How many spare lanes and events' places are kept: as many as may be in use, so that a steady load allocates nothing.</param>
internal sealed class Lanes<TKey, T>(int maxSpare)
{
    private const int FewBuckets = 16;

    private Lane<TKey, T>?[] _buckets = new Lane<TKey, T>?[FewBuckets];
    private Lane<TKey, T>? _firstReady;
    private Lane<TKey, T>? _lastReady;
    private int _readyCount;
    private Lane<TKey, T>? _spareLane;
    private int _spareLanes;
    private LaneNode<T>? _spareNode;
    private int _spareNodes;

    /// <summary>Lanes that may run; may be read without the lock, as a hint.</summary>
    public int ReadyCount => Volatile.Read(ref _readyCount);

    /// <summary>Keys that have a lane.</summary>
    public int Keys { get; private set; }

    // Equality is the key's own; it runs under the lock because the table cannot be searched without it.
    public Lane<TKey, T>? Find(TKey key, int hash)
    {
        for (var lane = _buckets[hash & (_buckets.Length - 1)]; lane is not null; lane = lane.InBucket)
        {
            if (lane.Hash == hash && EqualityComparer<TKey>.Default.Equals(lane.Key, key))
                return lane;
        }

        return null;
    }

    public Lane<TKey, T> Open(TKey key, int hash)
    {
        var lane = OpenUnkeyed();
        lane.IsKeyed = true;
        lane.Key = key;
        lane.Hash = hash;
        if (++Keys > _buckets.Length)
            Resize(_buckets.Length * 2);
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        lane.InBucket = bucket;
        bucket = lane;
        return lane;
    }

    public Lane<TKey, T> OpenUnkeyed()
    {
        var lane = _spareLane;
        if (lane is null)
            return new Lane<TKey, T>();
        _spareLane = lane.InReady;
        _spareLanes--;
        lane.InReady = null;
        return lane;
    }

    /// <summary>Removes an empty lane. No key is compared: the lane itself is looked for.</summary>
    public void Close(Lane<TKey, T> lane)
    {
        if (lane.IsKeyed)
        {
            ref var place = ref _buckets[lane.Hash & (_buckets.Length - 1)];
            while (!ReferenceEquals(place, lane))
                place = ref place!.InBucket;
            place = lane.InBucket;
            if (--Keys == 0 && _buckets.Length > maxSpare)
                _buckets = new Lane<TKey, T>?[FewBuckets];
        }

        lane.IsKeyed = false;
        lane.Key = default!;
        lane.InBucket = null;
        lane.State = LaneState.Idle;
        if (_spareLanes == maxSpare)
            return;
        lane.InReady = _spareLane;
        _spareLane = lane;
        _spareLanes++;
    }

    public LaneNode<T> NewNode(in QueuedEvent<T> @event)
    {
        var node = _spareNode ?? new LaneNode<T>();
        if (_spareNode is not null)
        {
            _spareNode = node.Next;
            _spareNodes--;
            node.Next = null;
        }

        node.Event = @event;
        return node;
    }

    public void Recycle(LaneNode<T> node)
    {
        node.Event = default;
        node.Lane = null;
        if (_spareNodes == maxSpare)
            return;
        node.Next = _spareNode;
        _spareNode = node;
        _spareNodes++;
    }

    public void PushReady(Lane<TKey, T> lane)
    {
        lane.State = LaneState.Ready;
        lane.InReady = null;
        if (_lastReady is null)
            _firstReady = lane;
        else
            _lastReady.InReady = lane;
        _lastReady = lane;
        Volatile.Write(ref _readyCount, _readyCount + 1);
    }

    public Lane<TKey, T>? PopReady()
    {
        var lane = _firstReady;
        if (lane is null)
            return null;
        _firstReady = lane.InReady;
        if (_firstReady is null)
            _lastReady = null;
        lane.InReady = null;
        Volatile.Write(ref _readyCount, _readyCount - 1);
        return lane;
    }

    /// <summary>Every lane that has events waiting.</summary>
    public IEnumerable<Lane<TKey, T>> All()
    {
        foreach (var bucket in _buckets)
        {
            for (var lane = bucket; lane is not null; lane = lane.InBucket)
                yield return lane;
        }

        for (var lane = _firstReady; lane is not null; lane = lane.InReady)
        {
            if (!lane.IsKeyed)
                yield return lane;
        }
    }

    private void Resize(int length)
    {
        var buckets = new Lane<TKey, T>?[length];
        foreach (var bucket in _buckets)
        {
            for (var lane = bucket; lane is not null;)
            {
                var next = lane.InBucket;
                ref var place = ref buckets[lane.Hash & (length - 1)];
                lane.InBucket = place;
                place = lane;
                lane = next;
            }
        }

        _buckets = buckets;
    }
}
