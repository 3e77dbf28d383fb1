namespace EventBus.Testing;

/// <summary>Time that passes when a test says so. It is the bus's clock, and as a <see cref="TimeProvider"/> that of everything else that is given it.</summary>
/// <remarks>
/// <para>Thread-safe. A timer's callback runs on the thread that lets time pass, in the order of due times; what is due at once runs on the thread pool.</para>
/// <para>The clock knows which handler waits for it, because a timer is made in the handler's own flow: <c>await Task.Delay(time, clock)</c> in a handler does not keep
/// <see cref="TestBus.AdvanceAsync"/> waiting. Neither does a handler that has set a timeout on this clock and waits for something else: give such calls a real clock.</para>
/// </remarks>
public sealed class TestClock : TimeProvider
{
    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _advance;
    private readonly HashSet<TestTimer> _timers = [];
    private readonly long _origin;

    /// <summary>A clock that stands at the beginning of the year 2000, UTC.</summary>
    public TestClock()
        : this(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>A clock that stands at a moment.</summary>
    /// <param name="start">The moment.</param>
    public TestClock(DateTimeOffset start)
        : this(new StandingTime(start))
    {
    }

    /// <summary>Looks at the timers of a clock that the test has already, for example a <c>FakeTimeProvider</c>.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="advance">Lets its time pass: <c>new TestClock(fake, fake.Advance)</c>.</param>
    public TestClock(TimeProvider time, Action<TimeSpan> advance)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(advance);
        _time = time;
        _advance = advance;
        _origin = time.GetTimestamp();
    }

    private TestClock(StandingTime time)
        : this(time, time.Advance)
    {
    }

    /// <summary>How much time has passed since the clock was made.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_origin);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _time.LocalTimeZone;

    /// <inheritdoc/>
    public override long TimestampFrequency => _time.TimestampFrequency;

    /// <summary>When the next timer is due, in <see cref="Elapsed"/>; nothing where none is.</summary>
    internal TimeSpan? NextDue
    {
        get
        {
            lock (_gate)
                return _timers.Count == 0 ? null : _timers.Min(static timer => timer.DueAt);
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    /// <inheritdoc/>
    public override long GetTimestamp() => _time.GetTimestamp();

    /// <summary>Lets time pass, without waiting for what that leads to: <see cref="TestBus.AdvanceAsync"/> does. Timers that become due call back in order, each at its time.</summary>
    /// <param name="time">Not negative.</param>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        if (time > DateTimeOffset.MaxValue - GetUtcNow())
            throw new ArgumentOutOfRangeException(nameof(time), time, $"The clock stands at {GetUtcNow():O}, and must not pass {DateTimeOffset.MaxValue:O}. Let less time pass.");
        _advance(time);
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new TestTimer(this, Flow.Current);
        timer.Start(_time.CreateTimer(
            state =>
            {
                timer.Fired();
                callback(state);
            },
            state,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan));
        timer.Change(dueTime, period);
        return timer;
    }

    internal void AdvanceTo(TimeSpan elapsed)
    {
        var left = elapsed - Elapsed;
        Advance(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <summary>A timer, and who waits for it.</summary>
    private sealed class TestTimer(TestClock clock, Flow? owner) : ITimer
    {
        private ITimer? _inner;
        private TimeSpan _period;
        private bool _isArmed;
        private int _fired;

        public TimeSpan DueAt { get; private set; }

        public void Start(ITimer inner) => _inner = inner;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            while (true)
            {
                var (now, fired) = (clock.Elapsed, Volatile.Read(ref _fired));
                Set(now, dueTime, period);
                var isChanged = _inner!.Change(dueTime, period);
                // If time has passed in between, it counts from another moment than this knows, and whoever went to the one would wait there for ever.
                if (clock.Elapsed != now && Volatile.Read(ref _fired) == fired)
                    continue;
                // Last: from here on its owner waits, and time may go on.
                Arm();
                return isChanged;
            }
        }

        // Before its callback, so that whoever waited is known to go on.
        public void Fired()
        {
            Interlocked.Increment(ref _fired);
            lock (clock._gate)
            {
                // Meanwhile it was set again.
                if (DueAt > clock.Elapsed)
                    return;
            }

            if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero)
                Disarm();
            else
                Set(clock.Elapsed, _period, _period);
        }

        public void Dispose()
        {
            Disarm();
            _inner!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Disarm();
            return _inner!.DisposeAsync();
        }

        private void Set(TimeSpan now, TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                Disarm();
                return;
            }

            lock (clock._gate)
            {
                DueAt = now + dueTime;
                clock._timers.Add(this);
            }
        }

        private void Arm()
        {
            lock (clock._gate)
            {
                // It may have fired by now.
                if (_isArmed || !clock._timers.Contains(this))
                    return;
                _isArmed = true;
            }

            owner?.Arm();
        }

        private void Disarm()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (!_isArmed)
                    return;
                _isArmed = false;
            }

            owner?.Disarm();
        }
    }
}
