namespace EventBus.Timing;

/// <summary>Turns times of the wall clock into moments of the monotonic one, at which a wait for them is over. A clock that is set afterwards moves no moment.</summary>
/// <remarks>Two times keep their order, and the same time is the same moment, although some time passes between the readings of the two clocks: what lies between them is taken for
/// the same as before as long as it hardly differs. Used under its owner's lock.</remarks>
internal sealed class WallTime(Clock clock)
{
    // A thread that is interrupted between the two readings. A clock that was set has gone further.
    private const long Jitter = 20 * TimeSpan.TicksPerMillisecond;

    private long _apart;
    private bool _isKnown;

    public long MomentOf(DateTimeOffset time)
    {
        var apart = clock.UtcNow.UtcTicks - clock.Now;
        if (!_isKnown || Math.Abs(apart - _apart) > Jitter)
            _apart = apart;
        _isKnown = true;
        return time.UtcTicks - _apart;
    }
}
