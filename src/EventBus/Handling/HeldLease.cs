using EventBus.Storage;

namespace EventBus.Handling;

/// <summary>The claim of the attempt that a worker is in. Written by the worker, read by whoever renews.</summary>
/// <remarks>A key is several words. The number is odd while they are written, and who reads looks at it before and after, see H. Boehm, "Can seqlocks get along with programming language
/// memory models?", MSPC 2012.</remarks>
internal sealed class HeldLease
{
    private int _number;
    private bool _isHeld;
    private IdempotencyKey _key;
    private long _token;
    private long _renewedAt;

    public void Take(in IdempotencyKey key, long token, long now) => Write(true, key, token, now);

    public void Drop() => Write(false, default, 0, 0);

    /// <summary>The claim, if it is held and was not renewed for so long.</summary>
    public (IdempotencyKey Key, long Token)? Due(long now, TimeSpan period)
    {
        var number = Volatile.Read(ref _number);
        var (isHeld, key, token, renewedAt) = (_isHeld, _key, _token, Volatile.Read(ref _renewedAt));
        // What was read is not read later than this.
        Interlocked.MemoryBarrier();
        if ((number & 1) != 0 || Volatile.Read(ref _number) != number || !isHeld || now - renewedAt < period.Ticks)
            return null;
        // If the worker has taken another one meanwhile, that one is renewed a period later: a third of its lease.
        Volatile.Write(ref _renewedAt, now);
        return (key, token);
    }

    private void Write(bool isHeld, in IdempotencyKey key, long token, long renewedAt)
    {
        Volatile.Write(ref _number, _number + 1);
        // The number is odd before anything of the claim is written.
        Interlocked.MemoryBarrier();
        _isHeld = isHeld;
        _key = key;
        _token = token;
        Volatile.Write(ref _renewedAt, renewedAt);
        Volatile.Write(ref _number, _number + 1);
    }
}
