using EventBus.BehaviourTests.Support;
using EventBus.Lifecycle;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class ParkingTests
{
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task The_bus_is_not_quiet_before_a_delivery_that_waits_has_its_time(int concurrency)
    {
        var clock = new WatchedClock();
        var failed = false;
        var wasQuietTooSoon = false;
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<int>(
                (_, context, _) =>
                {
                    if (context.Attempt > 1)
                        return default;
                    Volatile.Write(ref failed, true);
                    throw new InvalidOperationException();
                },
                s => s.Concurrency(concurrency).Timeout(Timeout.InfiniteTimeSpan).Retry(RetryPolicy.Fixed(2, s_delay)))
            .Build();
        // The last that is asked of the clock before the delivery's time is set.
        clock.Read = () => wasQuietTooSoon |= Volatile.Read(ref failed) && !clock.IsSet && ((Bus)bus).Idle.IsQuiet;

        await bus.PublishAsync(1);
        await bus.WhenQuiet();
        clock.Read = null;
        clock.Advance(s_delay);
        await bus.WhenSettled();

        Assert.False(wasQuietTooSoon);
    }

    private sealed class WatchedClock : FakeTimeProvider
    {
        private volatile bool _isSet;

        public Action? Read { get; set; }

        public bool IsSet => _isSet;

        public override long GetTimestamp()
        {
            var read = Read;
            Read = null;
            read?.Invoke();
            if (read is not null)
                Read = read;
            return base.GetTimestamp();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(WatchedClock clock, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                clock._isSet |= dueTime == s_delay;
                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
