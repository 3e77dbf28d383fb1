using EventBus.Timing;

namespace EventBus.Testing.Interleaving;

/// <summary>Time that passes when the run says so. A timer that is due is a step like any other.</summary>
internal sealed class VirtualTime(WorkStarter starter) : TimeProvider
{
    private static readonly DateTimeOffset s_begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly WorkStarter _starter = starter;
    private readonly DueQueue _timers = new();

    /// <summary>In ticks, since the run began.</summary>
    public long Now { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => Now;

    public override DateTimeOffset GetUtcNow() => s_begin.AddTicks(Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves to the time at which something is due next, or to the end where nothing is due before; what is due becomes a step.</summary>
    /// <returns>Whether anything was due.</returns>
    public bool MoveToNext(long end)
    {
        if (_timers.First is not { } first || first.DueAt > end)
        {
            Now = Math.Max(Now, end);
            return false;
        }

        Now = Math.Max(Now, first.DueAt);
        while (_timers.TakeDue(Now) is { } due)
            due.OnDue();
        return true;
    }

    public long After(TimeSpan wait) => Clock.After(Now, wait);

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : DueItem, ITimer, IThreadPoolWorkItem
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private TimeSpan _period;
        private bool _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_disposed)
                return false;
            time._timers.Remove(this);
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
                time._timers.Add(this, time.After(dueTime));
            return true;
        }

        public override void OnDue()
        {
            if (_period > TimeSpan.Zero)
                time._timers.Add(this, time.After(_period));
            time._starter.Start(this);
        }

        public void Execute()
        {
            if (_disposed)
                return;
            if (_context is null)
                callback(state);
            else
                ExecutionContext.Run(_context, new ContextCallback(callback), state);
        }

        public override string ToString() => $"a timer, at {TimeSpan.FromTicks(time.Now)}";

        public void Dispose()
        {
            _disposed = true;
            time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
