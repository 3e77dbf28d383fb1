namespace EventBus.Handling;

/// <summary>The claim of the attempt that a worker is in. Written by the worker, read by whoever renews.</summary>
internal sealed class HeldLease
{
    private string? _key;
    private long _token;
    private long _renewedAt;

    public void Take(string key, long token, long now)
    {
        Volatile.Write(ref _token, token);
        Volatile.Write(ref _renewedAt, now);
        Volatile.Write(ref _key, key);
    }

    public void Drop() => Volatile.Write(ref _key, null);

    /// <summary>The claim, if it is held and was not renewed for so long.</summary>
    public (string Key, long Token)? Due(long now, TimeSpan period)
    {
        var key = Volatile.Read(ref _key);
        var token = Volatile.Read(ref _token);
        if (key is null || now - Volatile.Read(ref _renewedAt) < period.Ticks || !ReferenceEquals(Volatile.Read(ref _key), key))
            return null;
        Volatile.Write(ref _renewedAt, now);
        return (key, token);
    }
}
