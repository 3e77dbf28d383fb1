namespace EventBus.BehaviourTests.Support;

/// <summary>A fake clock that knows what waits for it: time goes on from one due time to the next, and only when nothing else can move.</summary>
/// <remarks>Its timers ring as real ones do, never within the call that sets them; else on the thread that lets time go on.</remarks>
internal sealed class SteppedClock : TimeProvider
{
    private readonly object _gate = new();
    private List<Timer> _timers = [];
    private TaskCompletionSource _armed = NewSignal();
    private long _now = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _now), TimeSpan.Zero);

    /// <summary>Completes when something is due so soon.</summary>
    public Task WhenDueWithin(TimeSpan time)
    {
        lock (_gate)
            return _timers.Exists(timer => timer.Due <= _now + time.Ticks) ? Task.CompletedTask : WhenDueLaterAsync(_armed.Task, time);
    }

    /// <summary>Lets time go on to what is due next.</summary>
    /// <returns>Whether anything waits for time.</returns>
    public bool TryStep() => Ring(long.MaxValue - 1);

    public void Advance(TimeSpan time)
    {
        var until = GetTimestamp() + time.Ticks;
        while (Ring(until))
        {
        }

        lock (_gate)
            _now = Math.Max(_now, until);
    }

    /// <summary>Its user is dead: what it waits for nobody waits for.</summary>
    public void Forget()
    {
        lock (_gate)
            _timers = [];
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        lock (_gate)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WhenDueLaterAsync(Task armed, TimeSpan time)
    {
        await armed;
        await WhenDueWithin(time);
    }

    private void RingDue() => Ring(GetTimestamp());

    private bool Ring(long until)
    {
        Timer? first;
        lock (_gate)
        {
            first = _timers.MinBy(static timer => timer.Due);
            if (first is null || first.Due > until)
                return false;
            _now = Math.Max(_now, first.Due);
            first.Due = long.MaxValue;
        }

        first.Ring();
        return true;
    }

    private void Set(Timer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            timer.Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : _now + dueTime.Ticks;
            if (timer.Due == long.MaxValue)
                return;
            _armed.TrySetResult();
            _armed = NewSignal();
        }
    }

    private void Remove(Timer timer)
    {
        lock (_gate)
            _timers.Remove(timer);
    }

    private sealed class Timer(SteppedClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; set; } = long.MaxValue;

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime);
            if (dueTime == TimeSpan.Zero)
                RingSoon();
            return true;
        }

        public void Dispose() => clock.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        // In a seeded run it is a step of that.
        private void RingSoon()
        {
            if (SynchronizationContext.Current is { } own)
                own.Post(static clock => ((SteppedClock)clock!).RingDue(), clock);
            else
                ThreadPool.UnsafeQueueUserWorkItem(static clock => clock.RingDue(), clock, preferLocal: false);
        }
    }
}
