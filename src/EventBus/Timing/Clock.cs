namespace EventBus.Timing;

/// <summary>The one door through which time comes in.</summary>
/// <remarks>
/// Two monotonic readings, both in <see cref="TimeSpan"/> ticks: <see cref="Coarse"/> is cheap, steps by some
/// milliseconds, and is what the hot path reads; <see cref="Now"/> is exact and orders what waits. They do not share an
/// origin and are never compared with each other.
/// </remarks>
#pragma warning disable RS0030 // This is the door.
internal sealed class Clock
{
    /// <summary>The longest wait of one timer is 2^32 - 2 ms.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private readonly TimeProvider _provider;
    private readonly bool _isSystem;
    private readonly double _ticksPerStamp;
    private readonly long _origin;
    private long _utcOffset;
    private long _anchoredAt;

    public Clock(TimeProvider provider)
    {
        _provider = provider;
        _isSystem = ReferenceEquals(provider, TimeProvider.System);
        _ticksPerStamp = (double)TimeSpan.TicksPerSecond / provider.TimestampFrequency;
        _origin = provider.GetTimestamp();
        Anchor(Coarse);
    }

    public TimeProvider Provider => _provider;

    /// <summary>Whether time passes by itself, and not only when a test says so.</summary>
    public bool IsSystem => _isSystem;

    public long Coarse => _isSystem ? Environment.TickCount64 * TimeSpan.TicksPerMillisecond : Now;

    // Counted from the clock's own beginning: a timestamp as large as a date has more digits than a double keeps, and what waits
    // would be due some ticks before its timer's time, or after it.
    public long Now => (long)((_provider.GetTimestamp() - _origin) * _ticksPerStamp);

    /// <summary>UTC ticks, derived from the coarse reading where the system clock would cost more than the rest of a publish.</summary>
    public long CoarseUtcTicks
    {
        get
        {
            if (!_isSystem)
                return _provider.GetUtcNow().UtcTicks;
            var coarse = Coarse;
            if (coarse - Volatile.Read(ref _anchoredAt) > TimeSpan.TicksPerSecond)
                Anchor(coarse);
            return coarse + Volatile.Read(ref _utcOffset);
        }
    }

    public DateTimeOffset UtcNow => _provider.GetUtcNow();

    /// <summary>When a wait is over that begins at a reading or a number of UTC ticks: at the last moment that there is, at the latest. One that is below zero was over before.</summary>
    public static long After(long start, TimeSpan wait) => wait.Ticks > long.MaxValue - start ? long.MaxValue : start + wait.Ticks;

    /// <inheritdoc cref="After(long, TimeSpan)"/>
    public static DateTimeOffset After(DateTimeOffset start, TimeSpan wait) =>
        wait > DateTimeOffset.MaxValue - start ? DateTimeOffset.MaxValue
        : wait < DateTimeOffset.MinValue - start ? DateTimeOffset.MinValue
        : start + wait;

    /// <summary>Waits, however long: in pieces where one timer does not take it.</summary>
    public async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var due = After(Now, delay);
        while (delay > LongestWait)
        {
            await Task.Delay(LongestWait, _provider, cancellationToken).AnyContext();
            delay = TimeSpan.FromTicks(Math.Max(0, due - Now));
        }

        await Task.Delay(delay, _provider, cancellationToken).AnyContext();
    }

    public ITimer CreateTimer(TimerCallback callback) =>
        _provider.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    // Again after a second, so that a clock that was set, or a machine that slept, is followed.
    private void Anchor(long coarse)
    {
        Volatile.Write(ref _utcOffset, _provider.GetUtcNow().UtcTicks - coarse);
        Volatile.Write(ref _anchoredAt, coarse);
    }
}
#pragma warning restore RS0030
