using EventBus.Handling;
using EventBus.Observing;
using EventBus.Timing;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Handling;

public sealed class AttemptWatchTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly IdleSignal _idle = new(static () => [], static () => false, static () => false);
    private readonly Attention _attention = new();
    private readonly AttemptSeat _seat = new();
    private readonly DueTimer _timer;
    private readonly Clock _clock;
    private readonly AttemptWatch _watch;

    public AttemptWatchTests()
    {
        _clock = new Clock(_time);
        _timer = new DueTimer(_clock, ThreadStarter.Instance);
        _watch = new AttemptWatch(_timer, ThreadStarter.Instance, _clock, _idle, s_second, Timeout.InfiniteTimeSpan, _attention, static (_, _, _) => { });
        _watch.Add(_seat);
    }

    private bool Waits => _timer.Any(item => ReferenceEquals(item, _watch));

    public void Dispose() => _timer.Dispose();

    [Fact]
    public async Task While_nobody_works_it_sets_no_time()
    {
        WakeUp();
        Assert.True(Waits);
        _seat.IsAwake = false;

        await LookAsync();

        Assert.False(Waits);
    }

    [Fact]
    public async Task A_worker_that_wakes_while_it_looks_for_the_last_time_is_watched()
    {
        WakeUp();
        _seat.IsAwake = false;
        // Every seat has been looked at, and it is armed still.
        _attention.OnCheck = WakeUp;

        await LookAsync();

        Assert.True(Waits);
        _attention.OnCheck = static () => { };
        var token = _seat.Begin(_clock.Coarse);
        await LookAsync();
        await LookAsync();
        Assert.True(token.IsCancellationRequested);
    }

    [Fact]
    public async Task Where_the_last_worker_has_gone_for_good_it_waits_no_more()
    {
        WakeUp();
        _seat.IsAwake = false;

        _watch.Leave();

        Assert.False(Waits);
        await LookAsync();
        Assert.False(Waits);
    }

    private void WakeUp()
    {
        _seat.IsAwake = true;
        _watch.Arm();
    }

    private async Task LookAsync()
    {
        _time.Advance(s_second);
        await _idle.WhenQuietAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    private sealed class Attention : IWatched
    {
        public TimeSpan Period => s_second;

        public Action OnCheck { get; set; } = static () => { };

        public void Check() => OnCheck();
    }
}
