namespace EventBus.Retrying;

/// <summary>Spreads a subscription's retries: at most so many a second, with a burst; what exceeds it waits longer, nothing is lost.</summary>
/// <remarks>The generic cell rate algorithm (ITU-T I.371, annex A): one number, the theoretical arrival time of the next retry.</remarks>
internal sealed class RetryBudget(double perSecond, int burst)
{
    private readonly object _gate = new();
    private readonly long _interval = (long)(TimeSpan.TicksPerSecond / perSecond);
    private long _nextAt = long.MinValue;

    /// <summary>Books a place for a retry that is due now. Asked when it is due and not before: places are given in order of time.</summary>
    /// <returns>How long it must wait beyond now; often not at all.</returns>
    public TimeSpan Reserve(long now)
    {
        lock (_gate)
        {
            var next = Math.Max(_nextAt, now);
            _nextAt = next + _interval;
            return TimeSpan.FromTicks(Math.Max(0, next - ((burst - 1) * _interval) - now));
        }
    }
}
