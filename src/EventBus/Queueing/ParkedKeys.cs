namespace EventBus.Queueing;

/// <summary>In a queue without lanes: the keys whose first delivery is parked, and what waits behind it. Guarded by the queue's lock.</summary>
internal sealed class ParkedKeys<T>
{
    private readonly Dictionary<string, ParkedKey> _keys = new(StringComparer.Ordinal);

    public bool IsEmpty => _keys.Count == 0;

    public bool IsClosed(string key) => _keys.ContainsKey(key);

    /// <summary>How many events wait for the key: behind its parked delivery, or still in line.</summary>
    public int Waiting(string key) => _keys.TryGetValue(key, out var parked) ? parked.Waiting : 0;

    /// <summary>Closes a key, of which so many events stand in line.</summary>
    public void Close(string key, Func<string, int> inLine)
    {
        if (!_keys.ContainsKey(key))
            _keys.Add(key, new() { Waiting = inLine(key) });
    }

    /// <summary>An event of the key has come into line.</summary>
    public void Count(string key)
    {
        if (_keys.TryGetValue(key, out var parked))
            parked.Waiting++;
    }

    /// <summary>An event of the key has come to the end of the line: it waits behind the parked one.</summary>
    public void Add(string key, Parked<T> behind) => _keys[key].Behind.Enqueue(behind);

    /// <summary>What comes after a delivery of the key that was settled; if nothing does, the key is open again.</summary>
    public Parked<T>? Next(string key)
    {
        if (!_keys.TryGetValue(key, out var parked))
            return null;
        if (parked.Behind.TryDequeue(out var next))
        {
            parked.Waiting--;
            return next;
        }

        _keys.Remove(key);
        return null;
    }

    private sealed class ParkedKey
    {
        public Queue<Parked<T>> Behind { get; } = new();

        public int Waiting { get; set; }
    }
}
