using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>A key that the publisher gives, in a subscription of concurrency 1 that asked for no order.</summary>
public sealed class PublishersKeyShareTests
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(10);
    private static readonly PublishOptions s_failing = new() { Key = "failing" };

    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _seen = [];

    [Fact]
    public async Task Behind_a_retry_a_key_holds_its_share_of_the_queue_and_its_next_publisher_waits()
    {
        await using var bus = await FailingBus(QueueFullMode.Wait);

        var past = bus.PublishAsync(3, s_failing).AsTask();
        for (var number = 100; number < 120; number++)
            await bus.PublishAsync(number).AsTask().Soon();
        await bus.WhenQuiet();

        Assert.False(past.IsCompleted);
        Assert.Equal(Enumerable.Range(100, 20), _seen);
        _clock.Advance(s_retryDelay);
        await past.Soon();
        await bus.WhenSettled();
        Assert.Equal([0, 1, 2, 3], _seen.Skip(20));
    }

    [Fact]
    public async Task Behind_a_retry_only_the_events_of_that_key_are_refused()
    {
        await using var bus = await FailingBus(QueueFullMode.Reject);

        await Assert.ThrowsAsync<QueueFullException>(() => bus.PublishAsync(3, s_failing).AsTask());
        await bus.PublishAsync(100);
        await bus.WhenQuiet();

        _clock.Advance(s_retryDelay);
        await bus.WhenSettled();
        Assert.Equal([100, 0, 1, 2], _seen);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Refused);
    }

    [Fact]
    public async Task A_publisher_that_stops_waiting_does_not_strand_the_next()
    {
        await using var bus = await FailingBus(QueueFullMode.Wait);
        using var gone = new CancellationTokenSource();
        var cancelled = bus.PublishAsync(3, s_failing, gone.Token).AsTask();
        var next = bus.PublishAsync(4, s_failing).AsTask();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Soon());
        Assert.False(next.IsCompleted);
        _clock.Advance(s_retryDelay);
        await next.Soon();
        await bus.WhenSettled();
        Assert.Equal([0, 1, 2, 4], _seen);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Missed);
    }

    /// <summary>A bus where event 0 waits for its retry, and events 1 and 2 wait behind it: all that their key may have.</summary>
    private async Task<IEventBus> FailingBus(QueueFullMode mode)
    {
        var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, context, _) =>
                {
                    if (number == 0 && context.Attempt == 1)
                        throw new InvalidOperationException();
                    _seen.Add(number);
                    return default;
                },
                s => s.Capacity(10).MaxPerKey(2).WhenFull(mode).Retry(RetryPolicy.Fixed(2, s_retryDelay)))
            .Build();
        for (var number = 0; number < 3; number++)
        {
            await bus.PublishAsync(number, s_failing);
            await bus.WhenQuiet();
        }

        return bus;
    }
}
