namespace EventBus.Checkpointing;

/// <summary>The keys whose first unsettled delivery waits, and what waits behind it, in order. Pure.</summary>
internal sealed class BlockedKeys
{
    private readonly Dictionary<string, BlockedKey> _keys = new(StringComparer.Ordinal);

    public bool Any => _keys.Count > 0;

    /// <summary>Whether another delivery than this one is the first of its key.</summary>
    public bool IsBlocked(string key, DeliveryId id) => _keys.TryGetValue(key, out var blocked) && blocked.Head != id;

    /// <summary>A delivery of the key waits. If the key is not blocked yet it is now, and this is its first.</summary>
    public void Block(string key, UnsettledRow row) => _keys.TryAdd(key, new(row.Id));

    public void Add(string key, UnsettledRow row) => _keys[key].Behind.Enqueue(row);

    /// <summary>A stored delivery of the key: the first is its head, the others wait behind it.</summary>
    public void Load(string key, UnsettledRow row)
    {
        if (!_keys.TryAdd(key, new(row.Id)))
            Add(key, row);
    }

    /// <summary>A delivery of the key is settled.</summary>
    /// <returns>The next, which is the first from now on; none where nothing waits, or where it was not the first that was settled.</returns>
    public UnsettledRow? Release(string key, DeliveryId id)
    {
        if (!_keys.TryGetValue(key, out var blocked) || blocked.Head != id)
            return null;
        if (blocked.Behind.TryDequeue(out var next))
        {
            blocked.Head = next.Id;
            return next;
        }

        _keys.Remove(key);
        return null;
    }

    private sealed class BlockedKey(DeliveryId head)
    {
        public DeliveryId Head { get; set; } = head;

        public Queue<UnsettledRow> Behind { get; } = new();
    }
}
