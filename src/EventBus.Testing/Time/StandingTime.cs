using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>Time that stands still until somebody lets it pass.</summary>
internal sealed class StandingTime(DateTimeOffset start) : TimeProvider
{
    private readonly object _gate = new();
    private readonly List<StandingTimer> _timers = [];
    private long _now;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => start.AddTicks(GetTimestamp()).ToUniversalTime();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new StandingTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        var end = GetTimestamp() + time.Ticks;
        while (TakeDue(end) is { } due)
            due.CallBack();
    }

    /// <summary>The timer that is due first, with the clock at its time; nothing where none is due by then, with the clock at the end.</summary>
    private StandingTimer? TakeDue(long end)
    {
        lock (_gate)
        {
            var first = _timers.MinBy(static timer => (timer.DueAt, timer.Order));
            if (first is null || first.DueAt > end)
            {
                _now = Math.Max(_now, end);
                return null;
            }

            _now = Math.Max(_now, first.DueAt);
            if (first.Period > 0)
                Place(first, first.DueAt + first.Period);
            else
                _timers.Remove(first);
            return first;
        }
    }

    private void Place(StandingTimer timer, long dueAt)
    {
        timer.DueAt = dueAt;
        timer.Order = _order++;
    }

    private sealed class StandingTimer(StandingTime time, TimerCallback callback, object? state) : ITimer, IThreadPoolWorkItem
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private bool _disposed;

        public long DueAt { get; set; }

        public long Order { get; set; }

        public long Period { get; private set; }

        public void CallBack()
        {
            if (_context is null)
                callback(state);
            else
                ExecutionContext.Run(_context, static timer => ((StandingTimer)timer!).Call(), this);
        }

        void IThreadPoolWorkItem.Execute() => CallBack();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                if (_disposed)
                    return false;
                time._timers.Remove(this);
                Period = Math.Max(0, period.Ticks);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                if (dueTime > TimeSpan.Zero)
                {
                    time.Place(this, time._now + dueTime.Ticks);
                    time._timers.Add(this);
                    return true;
                }

                if (Period > 0)
                {
                    time.Place(this, time._now + Period);
                    time._timers.Add(this);
                }
            }

            // Never in its maker's call: that may hold a lock.
            WorkStarter.Here.Start(this);
            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                _disposed = true;
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Call() => callback(state);
    }
}
