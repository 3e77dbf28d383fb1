namespace EventBus.Testing.Tests.Time;

public sealed class TestClockTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly TestClock _clock = new();
    private readonly List<string> _rung = [];

    [Fact]
    public void It_stands_until_it_is_moved()
    {
        Assert.Equal(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), _clock.GetUtcNow());

        _clock.Advance(s_second);

        Assert.Equal((s_second, 1), (_clock.Elapsed, _clock.GetUtcNow().Second));
    }

    [Fact]
    public void Timers_ring_in_order_of_due_time_each_at_its_time()
    {
        using var third = Timer("third", s_second * 3);
        using var first = Timer("first", s_second);
        using var second = Timer("second", s_second * 2);

        _clock.Advance(s_second * 2);

        Assert.Equal(["first at 1", "second at 2"], _rung);
        Assert.Equal(s_second * 3, _clock.NextDue);
    }

    [Fact]
    public void A_timer_with_a_period_rings_again_and_again()
    {
        using var timer = _clock.CreateTimer(_ => _rung.Add($"{_clock.Elapsed.TotalSeconds}"), null, s_second, s_second * 2);

        _clock.Advance(s_second * 6);

        Assert.Equal(["1", "3", "5"], _rung);
        Assert.Equal(s_second * 7, _clock.NextDue);
    }

    [Fact]
    public void A_timer_that_is_set_anew_or_disposed_does_not_ring_as_before()
    {
        using var moved = Timer("moved", s_second);
        var disposed = Timer("disposed", s_second);

        moved.Change(s_second * 2, Timeout.InfiniteTimeSpan);
        disposed.Dispose();
        _clock.Advance(s_second);
        Assert.Empty(_rung);
        _clock.Advance(s_second);

        Assert.Equal(["moved at 2"], _rung);
        Assert.Null(_clock.NextDue);
        Assert.False(disposed.Change(s_second, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void A_timer_that_a_timer_sets_rings_within_the_same_advance()
    {
        ITimer? later = null;
        using var timer = _clock.CreateTimer(_ => later = Timer("later", s_second), null, s_second, Timeout.InfiniteTimeSpan);

        _clock.Advance(s_second * 2);

        Assert.Equal(["later at 2"], _rung);
        later!.Dispose();
    }

    [Fact]
    public async Task What_is_due_at_once_rings_and_not_within_the_call()
    {
        var within = true;
        var rung = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        lock (_rung)
        {
            using var timer = _clock.CreateTimer(_ => rung.SetResult(within && Monitor.IsEntered(_rung)), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            within = false;
        }

        Assert.False(await rung.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task A_delay_ends_at_its_time()
    {
        var delay = Task.Delay(s_second, _clock);

        _clock.Advance(s_second - TimeSpan.FromTicks(1));
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));

        await delay.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void It_does_not_go_back() => Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(-s_second));

    private ITimer Timer(string name, TimeSpan dueTime) =>
        _clock.CreateTimer(_ => _rung.Add($"{name} at {_clock.Elapsed.TotalSeconds}"), null, dueTime, Timeout.InfiniteTimeSpan);
}
