namespace EventBus.Queueing;

/// <summary>In a queue without lanes: the keys whose first delivery is parked, and what waits behind it. Guarded by the queue's lock.</summary>
internal sealed class ParkedKeys<T>
{
    private readonly Dictionary<string, Queue<Parked<T>>> _behind = new(StringComparer.Ordinal);

    public bool IsEmpty => _behind.Count == 0;

    public bool IsClosed(string key) => _behind.ContainsKey(key);

    public int Behind(string key) => _behind.TryGetValue(key, out var behind) ? behind.Count : 0;

    public void Close(string key) => _behind.TryAdd(key, new());

    public void Add(string key, Parked<T> parked) => _behind[key].Enqueue(parked);

    /// <summary>What comes after a delivery of the key that was settled; if nothing does, the key is open again.</summary>
    public Parked<T>? Next(string key)
    {
        if (!_behind.TryGetValue(key, out var behind))
            return null;
        if (behind.TryDequeue(out var next))
            return next;
        _behind.Remove(key);
        return null;
    }
}
