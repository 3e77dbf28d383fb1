using EventBus.Timing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Timing;

public sealed class ClockTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(24)]
    public void A_wall_clock_that_is_set_does_not_disturb_monotonic_time(int hours)
    {
        var time = new SettableTimeProvider();
        var clock = new Clock(time);
        var (now, coarse) = (clock.Now, clock.Coarse);

        time.SetWallClock(time.GetUtcNow().AddHours(hours));
        time.Pass(TimeSpan.FromSeconds(3));

        Assert.Equal(TimeSpan.FromSeconds(3).Ticks, clock.Now - now);
        Assert.Equal(TimeSpan.FromSeconds(3).Ticks, clock.Coarse - coarse);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(24)]
    public void A_wall_clock_that_is_set_is_followed_by_the_times_of_events(int hours)
    {
        var time = new SettableTimeProvider();
        var clock = new Clock(time);
        var set = time.GetUtcNow().AddHours(hours);

        time.SetWallClock(set);

        Assert.Equal(set, clock.UtcNow);
        Assert.Equal(set.UtcTicks, clock.CoarseUtcTicks);
    }

    [Fact]
    public void Monotonic_time_is_exact_to_the_tick_however_late_the_clock_reads()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 1, 2, 3, TimeSpan.Zero));
        var clock = new Clock(time);
        var began = clock.Now;

        for (var ticks = 1; ticks <= 1000; ticks++)
        {
            time.Advance(TimeSpan.FromTicks(1));
            Assert.Equal(ticks, clock.Now - began);
        }
    }

    [Fact]
    public void Monotonic_time_is_in_ticks_whatever_the_provider_counts_in()
    {
        var time = new SettableTimeProvider(frequency: 1_000_000_000);
        var clock = new Clock(time);
        var began = clock.Now;

        time.Pass(TimeSpan.FromMilliseconds(1500));

        Assert.Equal(TimeSpan.FromMilliseconds(1500).Ticks, clock.Now - began);
    }

    [Fact]
    public void The_system_clock_tells_about_the_same_coarsely_as_exactly()
    {
        var clock = new Clock(TimeProvider.System);

        var apart = clock.UtcNow.UtcTicks - clock.CoarseUtcTicks;

        Assert.InRange(apart, -TimeSpan.TicksPerMinute, TimeSpan.TicksPerMinute);
    }

    [Fact]
    public async Task A_wait_that_no_timer_takes_is_waited_in_pieces()
    {
        var time = new FakeTimeProvider();
        var clock = new Clock(time);

        var waiting = clock.DelayAsync(TimeSpan.FromDays(100), CancellationToken.None);
        for (var days = 0; days < 100; days += 10)
        {
            Assert.False(waiting.IsCompleted);
            time.Advance(TimeSpan.FromDays(10));
        }

        await waiting;
    }

    [Fact]
    public async Task A_wait_in_pieces_ends_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = new Clock(new FakeTimeProvider()).DelayAsync(TimeSpan.MaxValue, cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void A_moment_before_all_times_is_the_first_of_them_and_one_after_all_the_last()
    {
        Assert.Equal(DateTimeOffset.MinValue, Clock.After(DateTimeOffset.UnixEpoch, TimeSpan.MinValue));
        Assert.Equal(DateTimeOffset.MaxValue, Clock.After(DateTimeOffset.UnixEpoch, TimeSpan.MaxValue));
    }
}
