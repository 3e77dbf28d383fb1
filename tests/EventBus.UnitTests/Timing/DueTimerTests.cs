using EventBus.Timing;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Timing;

public sealed class DueTimerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Clock _clock;
    private readonly DueTimer _timer;
    private readonly List<string> _due = [];

    public DueTimerTests()
    {
        _clock = new Clock(_time);
        _timer = new DueTimer(_clock, ThreadStarter.Instance);
    }

    public void Dispose() => _timer.Dispose();

    [Fact]
    public void Nothing_is_due_before_its_time_and_everything_at_it()
    {
        _timer.Add(Noted("a"), TimeSpan.FromMilliseconds(100));

        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Empty(_due);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["a"], _due);
    }

    [Fact]
    public void Delays_of_any_number_of_milliseconds_end_exactly_from_any_beginning()
    {
        for (var delay = 1; delay <= 500; delay++)
        {
            _time.Advance(TimeSpan.FromTicks(7919));
            _timer.Add(Noted($"{delay}"), TimeSpan.FromMilliseconds(delay));
            _time.Advance(TimeSpan.FromMilliseconds(delay));
            Assert.Equal(delay, _due.Count);
        }
    }

    [Fact]
    public void What_comes_later_does_not_delay_what_comes_sooner()
    {
        _timer.Add(Noted("late"), TimeSpan.FromHours(1));
        _timer.Add(Noted("soon"), TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["soon"], _due);

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["soon", "late"], _due);
    }

    [Fact]
    public void A_leap_over_many_times_keeps_their_order()
    {
        foreach (var seconds in new[] { 3, 1, 2 })
            _timer.Add(Noted($"{seconds}"), TimeSpan.FromSeconds(seconds));

        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(["1", "2", "3"], _due);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(15)]
    public async Task Time_that_passes_while_the_timer_is_set_delays_nothing(int seconds)
    {
        var moving = new MovingTime(_time);
        using var timer = new DueTimer(new Clock(moving), ThreadStarter.Instance);
        var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        moving.BeforeNextChange = TimeSpan.FromSeconds(seconds);

        timer.Add(new Called(due.SetResult), TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(Math.Max(0, 10 - seconds)));

        await due.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_time_that_is_past_is_due_at_once()
    {
        var due = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _timer.Add(Noted("zero"), TimeSpan.Zero);
        _timer.Add(Noted("past"), TimeSpan.FromSeconds(-5));
        _timer.Add(new Item(due.SetResult), TimeSpan.FromSeconds(-5));

        _time.Advance(TimeSpan.Zero);

        await due.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(["zero", "past"], _due);
    }

    [Fact]
    public async Task What_is_due_may_wait_for_others_who_use_the_timer_although_its_clock_rings_within_the_call_that_sets_it()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        _timer.Add(
            new Item(() =>
            {
                var other = new Thread(() => _timer.Add(Noted("other"), TimeSpan.FromSeconds(1))) { IsBackground = true };
                other.Start();
                other.Join();
                done.SetResult();
            }),
            TimeSpan.Zero);

        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void What_was_removed_is_never_due()
    {
        var item = Noted("a");
        _timer.Add(item, TimeSpan.FromSeconds(1));

        var removed = _timer.Remove(item);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(removed);
        Assert.Empty(_due);
        Assert.False(_timer.Remove(item));
    }

    [Fact]
    public void A_wait_longer_than_a_timer_takes_is_waited_in_pieces()
    {
        _timer.Add(Noted("a"), TimeSpan.FromDays(100));

        _time.Advance(TimeSpan.FromDays(99));
        Assert.Empty(_due);

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(["a"], _due);
    }

    [Fact]
    public void The_longest_wait_there_is_waits()
    {
        _timer.Add(Noted("never"), TimeSpan.MaxValue);
        _timer.Add(Noted("soon"), TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromDays(3650));

        Assert.Equal(["soon"], _due);
    }

    [Fact]
    public void An_item_may_be_added_while_another_is_due()
    {
        _timer.Add(new Item(() => _timer.Add(Noted("second"), TimeSpan.FromSeconds(1))), TimeSpan.FromSeconds(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_due);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["second"], _due);
    }

    [Fact]
    public void Several_may_be_removed_by_a_condition()
    {
        foreach (var text in new[] { "a1", "b1", "a2", "b2" })
            _timer.Add(Noted(text), TimeSpan.FromSeconds(1));

        _timer.RemoveAll(static item => ((Item)item).Text.StartsWith('a'));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["b1", "b2"], _due);
        Assert.False(_timer.Any(static _ => true));
    }

    [Fact]
    public void Nothing_is_due_after_disposal()
    {
        _timer.Add(Noted("before"), TimeSpan.FromSeconds(1));

        _timer.Dispose();
        _timer.Add(Noted("after"), TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Empty(_due);
    }

    [Fact]
    public async Task A_signal_completes_at_its_time_unless_it_is_disposed_before()
    {
        using var reached = new DueSignal(_timer, TimeSpan.FromSeconds(1));
        var disposed = new DueSignal(_timer, TimeSpan.FromSeconds(1));

        disposed.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        await reached.WhenDueAsync().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.False(disposed.WhenDueAsync().IsCompleted);
    }

    [Fact]
    public async Task The_timer_keeps_no_ambient_context_of_whoever_made_it()
    {
        var ambient = new AsyncLocal<string?> { Value = "request 7" };
        using var timer = new DueTimer(new Clock(TimeProvider.System), ThreadStarter.Instance);
        var seen = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);

        timer.Add(new Item(() => seen.SetResult(ambient.Value)), TimeSpan.Zero);

        Assert.Null(await seen.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void What_is_due_is_behind_until_it_has_been_told()
    {
        var time = new LateClock();
        using var timer = new DueTimer(new Clock(time), ThreadStarter.Instance);
        var behind = new List<bool>();
        timer.Add(new Item(() => behind.Add(timer.IsBehind)), TimeSpan.FromMilliseconds(10));

        time.Pass(TimeSpan.FromMilliseconds(9));
        behind.Add(timer.IsBehind);
        time.Pass(TimeSpan.FromMilliseconds(1));
        behind.Add(timer.IsBehind);
        timer.Caught = () => behind.Add(timer.IsBehind);
        time.CallBack();

        // Before its time, at its time with the timer on its way, while it is told, and after that.
        Assert.Equal([false, true, true, false], behind);
    }

    private Item Noted(string text) => new(() => _due.Add(text)) { Text = text };

    private sealed class Item(Action onDue) : DueItem
    {
        public string Text { get; init; } = "";

        public override void OnDue() => onDue();
    }

    /// <summary>A clock whose timers call back when they are told to, and not in time.</summary>
    private sealed class LateClock : TimeProvider
    {
        private long _ticks;
        private Action? _callBack;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callBack = () => callback(state);
            return new Timer();
        }

        public void Pass(TimeSpan time) => _ticks += time.Ticks;

        public void CallBack() => _callBack!();

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }

    private sealed class Called(Action call) : DueItem
    {
        public override void OnDue() => call();
    }

    /// <summary>A clock that somebody moves at the very moment at which a timer is set.</summary>
    private sealed class MovingTime(FakeTimeProvider inner) : TimeProvider
    {
        public TimeSpan BeforeNextChange { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(this, inner.CreateTimer(callback, state, dueTime, period));

        private void Move()
        {
            var time = BeforeNextChange;
            BeforeNextChange = TimeSpan.Zero;
            inner.Advance(time);
        }

        private sealed class Timer(MovingTime time, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time.Move();
                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
