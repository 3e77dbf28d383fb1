using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>Looks after the running attempts of one subscription: cancels what takes too long, reports what does not return.</summary>
/// <remarks>One timer entry for a subscription while it works, none while it sleeps; an attempt itself sets no timer.</remarks>
internal sealed class AttemptWatch(
    DueTimer timer,
    WorkStarter starter,
    Clock clock,
    IdleSignal idle,
    TimeSpan timeout,
    TimeSpan stuckAfter,
    IWatched? watched,
    Action<AttemptSeat, long, TimeSpan> onStuck) : DueItem, IThreadPoolWorkItem
{
    private readonly TimeSpan _stuckAt = stuckAfter == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue
        : timeout == Timeout.InfiniteTimeSpan ? stuckAfter : TimeSpan.FromTicks(Clock.After(timeout.Ticks, stuckAfter));

    private AttemptSeat[] _seats = [];
    private int _armed;

    private TimeSpan TimeoutAt => timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout;

    private TimeSpan Period
    {
        get
        {
            var period = TimeoutAt < _stuckAt ? TimeoutAt : _stuckAt;
            return watched is null || watched.Period > period ? period : watched.Period;
        }
    }

    public void Add(AttemptSeat seat) => _seats = [.. _seats, seat];

    public void Remove(AttemptSeat seat) => _seats = [.. _seats.Where(other => !ReferenceEquals(other, seat))];

    /// <summary>Called by a worker that wakes, after it has said so.</summary>
    public void Arm()
    {
        if (Volatile.Read(ref _armed) == 0 && Interlocked.CompareExchange(ref _armed, 1, 0) == 0)
            timer.Add(this, Period);
    }

    /// <summary>Called by a worker that has gone for good. When the last has, the timer lets go of the subscription.</summary>
    public void Leave()
    {
        // Each says that it rests, and then looks at the others: of two that leave at once, one sees the other at rest.
        Interlocked.MemoryBarrier();
        if (!Array.Exists(Volatile.Read(ref _seats), static seat => seat.IsAwake))
            timer.Remove(this);
    }

    public override void OnDue()
    {
        idle.BeginLook();
        starter.Start(this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            Look();
        }
        finally
        {
            idle.EndLook();
        }
    }

    private void Look()
    {
        var next = Check();
        if (next != TimeSpan.MaxValue)
        {
            timer.Add(this, next);
            return;
        }

        // Pairs with Worker.AwakeNow: one that woke since the check has seen the watch armed, and is seen here, or sees it not armed, and arms it.
        Interlocked.Exchange(ref _armed, 0);
        if (_seats.Any(static seat => seat.IsAwake))
            Arm();
    }

    private TimeSpan Check()
    {
        var next = TimeSpan.MaxValue;
        foreach (var seat in Volatile.Read(ref _seats))
        {
            if (seat.IsAwake)
                next = Shorter(next, Period);
            var running = seat.Running;
            if (running != 0)
                next = Shorter(next, Check(seat, running, AttemptSeat.Elapsed(running, clock.Coarse)));
        }

        watched?.Check();
        return next;
    }

    private TimeSpan Check(AttemptSeat seat, long running, TimeSpan elapsed)
    {
        if (elapsed < TimeoutAt && TimeoutAt < _stuckAt)
            return TimeoutAt - elapsed;
        if (TimeoutAt <= elapsed)
            seat.TryCancel(running, CancelReason.Timeout);
        if (_stuckAt == TimeSpan.MaxValue || seat.IsStuck)
            return TimeSpan.MaxValue;
        if (elapsed < _stuckAt)
            return _stuckAt - elapsed;
        seat.Report(running);
        onStuck(seat, running, elapsed);
        return TimeSpan.MaxValue;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
