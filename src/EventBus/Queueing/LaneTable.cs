namespace EventBus.Queueing;

/// <summary>Finds a key's lane, and keeps lanes that are not in use for the next key. Guarded by the lock of the lanes.</summary>
/// <param name="maxSpare">How many spare lanes are kept: as many as may be in use, so that a steady load allocates nothing.</param>
internal sealed class LaneTable<TKey, T>(int maxSpare)
{
    private const int FewBuckets = 16;

    private Lane<TKey, T>?[] _buckets = new Lane<TKey, T>?[FewBuckets];
    private Lane<TKey, T>? _spare;
    private int _spares;

    /// <summary>Keys that have a lane.</summary>
    public int Keys { get; private set; }

    /// <summary>Lanes in use, also those without a key.</summary>
    public int InUse { get; private set; }

    /// <summary>The key's lane; none for a key whose equality throws, which is in nobody's order.</summary>
    public Lane<TKey, T>? Find(in KeySlot<TKey> key)
    {
        if (!key.IsKeyed)
            return null;
        try
        {
            return Search(key);
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>The key's lane, or for an event without a key one of its own.</summary>
    public Lane<TKey, T> FindOrOpen(in KeySlot<TKey> key)
    {
        // A key whose equality throws is in nobody's order; its event is not to be lost over it.
        try
        {
            return key.IsKeyed ? Search(key) ?? OpenKeyed(key) : Open();
        }
        catch (Exception)
        {
            return Open();
        }
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
        InUse--;
        if (_spares == maxSpare)
            return;
        lane.InReady = _spare;
        _spare = lane;
        _spares++;
    }

    /// <summary>Every lane that has a key.</summary>
    public IEnumerable<Lane<TKey, T>> Keyed()
    {
        foreach (var bucket in _buckets)
        {
            for (var lane = bucket; lane is not null; lane = lane.InBucket)
                yield return lane;
        }
    }

    // Equality is the key's own; it runs under the lock because the table cannot be searched without it.
    private Lane<TKey, T>? Search(in KeySlot<TKey> key)
    {
        for (var lane = _buckets[key.Hash & (_buckets.Length - 1)]; lane is not null; lane = lane.InBucket)
        {
            if (lane.Hash == key.Hash && EqualityComparer<TKey>.Default.Equals(lane.Key, key.Key))
                return lane;
        }

        return null;
    }

    private Lane<TKey, T> OpenKeyed(in KeySlot<TKey> key)
    {
        var lane = Open();
        lane.IsKeyed = true;
        lane.Key = key.Key;
        lane.Hash = key.Hash;
        if (++Keys > _buckets.Length)
            Resize(_buckets.Length * 2);
        ref var bucket = ref _buckets[key.Hash & (_buckets.Length - 1)];
        lane.InBucket = bucket;
        bucket = lane;
        return lane;
    }

    private Lane<TKey, T> Open()
    {
        InUse++;
        var lane = _spare;
        if (lane is null)
            return new Lane<TKey, T>();
        _spare = lane.InReady;
        _spares--;
        lane.InReady = null;
        return lane;
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
