namespace EventBus.Timing;

/// <summary>One timer for all that waits in a bus: retries, schedules, timeouts, leases.</summary>
internal sealed class DueTimer : IDisposable, IThreadPoolWorkItem
{
    private readonly object _gate = new();
    private readonly DueQueue _queue = new();
    private readonly Clock _clock;
    private readonly WorkStarter _starter;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;
    private long _firesAt = long.MaxValue;
    private int _firing;
    private bool _wasSeenBehind;
    private bool _disposed;

    public DueTimer(Clock clock, WorkStarter starter)
    {
        _clock = clock;
        _starter = starter;
        // The timer outlives the publish that happens to create it: it must not keep that call's ambient context.
        AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        _timer = clock.CreateTimer(_ => Ring());
        flow?.Undo();
    }

    public Clock Clock => _clock;

    /// <summary>Told when all that was due has been told so, if somebody has seen it behind meanwhile. Set once, before anything is added.</summary>
    public Action? Caught { get; set; }

    /// <summary>Whether something is due that has not been told so yet: the timer is on its way, or at it.</summary>
    public bool IsBehind
    {
        get
        {
            lock (_gate)
            {
                var isBehind = _firing > 0 || (_queue.Count > 0 && !_disposed && _clock.Now >= _firesAt);
                _wasSeenBehind |= isBehind;
                return isBehind;
            }
        }
    }

    public void Add(DueItem item, TimeSpan delay) => AddAt(item, Clock.After(_clock.Now, delay > TimeSpan.Zero ? delay : TimeSpan.Zero));

    public void AddAt(DueItem item, long dueAt)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _queue.Add(item, dueAt);
            Arm();
        }
    }

    /// <returns>Whether the item was still waiting.</returns>
    public bool Remove(DueItem item)
    {
        lock (_gate)
            return _queue.Remove(item);
    }

    public bool Any(Func<DueItem, bool> condition)
    {
        lock (_gate)
            return _queue.Items.Any(condition);
    }

    public void RemoveAll(Func<DueItem, bool> condition)
    {
        lock (_gate)
        {
            foreach (var item in _queue.Items.Where(condition).ToArray())
                _queue.Remove(item);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_queue.First is { } item)
                _queue.Remove(item);
        }

        _timer.Dispose();
    }

    // A test's clock may ring within the call that sets it: then this lock is held, and locks of whoever added something, and what is due may want others.
    private void Ring()
    {
        if (Monitor.IsEntered(_gate))
            _starter.Start(this);
        else
            Fire();
    }

    void IThreadPoolWorkItem.Execute() => Fire();

    private void Fire()
    {
        lock (_gate)
            _firing++;
        if (TellDue())
            Caught?.Invoke();
    }

    /// <returns>Whether somebody has seen this timer behind.</returns>
    private bool TellDue()
    {
        while (true)
        {
            DueItem? due;
            lock (_gate)
            {
                due = _disposed ? null : _queue.TakeDue(_clock.Now);
                if (due is null)
                {
                    var wasSeenBehind = _wasSeenBehind;
                    _wasSeenBehind = false;
                    _firing--;
                    _armedFor = _firesAt = long.MaxValue;
                    Arm();
                    return wasSeenBehind;
                }
            }

            due.OnDue();
        }
    }

    private void Arm()
    {
        while (!_disposed && _queue.First is { } first && first.DueAt < _armedFor && TimePassesWhileArming(first))
            _armedFor = long.MaxValue;
    }

    /// <returns>Whether so much time has passed since the wait was reckoned that it must be reckoned again: it counts from when the timer was set. A clock that a test moves may have gone on by any time.</returns>
    private bool TimePassesWhileArming(DueItem first)
    {
        _armedFor = first.DueAt;
        var reckonedAt = _clock.Now;
        var wait = TimeSpan.FromTicks(Math.Max(0, first.DueAt - reckonedAt));
        // Rounded up: a timer that is early by part of a millisecond would only have to be armed again.
        var milliseconds = Math.Ceiling(wait.TotalMilliseconds);
        wait = milliseconds >= Clock.LongestWait.TotalMilliseconds ? Clock.LongestWait : TimeSpan.FromMilliseconds(milliseconds);
        var isArmed = _timer.Change(wait, Timeout.InfiniteTimeSpan);
        var setBy = _clock.Now;
        _firesAt = isArmed ? setBy + wait.Ticks : long.MaxValue;
        if (!isArmed)
            _armedFor = long.MaxValue;
        return isArmed && wait > TimeSpan.Zero && setBy - reckonedAt >= TimeSpan.TicksPerMillisecond;
    }
}
