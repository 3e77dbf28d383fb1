namespace EventBus.Checkpointing;

/// <summary>The keys that have a delivery which later ones have to wait behind, and what waits behind it: in the order of the log, in whatever order it comes here. Pure.</summary>
/// <remarks>Earlier deliveries of a key than its head may be on their way: the head was stored before a crash, and the log is read again from before it. They go on, and the first
/// of them that has to wait is the head from then on.</remarks>
internal sealed class BlockedKeys
{
    private readonly Dictionary<string, BlockedKey> _keys = new(StringComparer.Ordinal);

    public bool Any => _keys.Count > 0;

    /// <summary>Whether the head of the key is an earlier delivery than one at this place.</summary>
    public bool IsBlocked(string key, DeliveryId place) => _keys.TryGetValue(key, out var blocked) && blocked.Head.Place.CompareTo(place) < 0;

    /// <summary>A delivery of the key waits. It is the head, unless an earlier one is.</summary>
    /// <returns>The one that is not the head, where there are two now.</returns>
    public UnsettledRow? Block(string key, UnsettledRow row)
    {
        if (_keys.TryAdd(key, new(row)))
            return null;
        var blocked = _keys[key];
        var former = blocked.Head;
        if (former.Id == row.Id)
            return null;
        if (former.Place.CompareTo(row.Place) < 0)
            return row;
        blocked.Head = row;
        return former;
    }

    public void Add(string key, UnsettledRow row) => _keys[key].Behind.Add(row);

    /// <summary>A delivery of the key is settled.</summary>
    /// <returns>The next, which is the head from now on; none where nothing waits, or where it was not the head that was settled.</returns>
    public UnsettledRow? Release(string key, DeliveryId id)
    {
        if (!_keys.TryGetValue(key, out var blocked) || blocked.Head.Id != id)
            return null;
        if (blocked.Behind.Min is { } next)
        {
            blocked.Behind.Remove(next);
            blocked.Head = next;
            return next;
        }

        _keys.Remove(key);
        return null;
    }

    private sealed class BlockedKey(UnsettledRow head)
    {
        private static readonly Comparer<UnsettledRow> s_byPlace = Comparer<UnsettledRow>.Create(static (a, b) => a.Place.CompareTo(b.Place));

        public UnsettledRow Head { get; set; } = head;

        public SortedSet<UnsettledRow> Behind { get; } = new(s_byPlace);
    }
}
