using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class RetryBudgetTests
{
    [Fact]
    public async Task Retries_beyond_the_budget_wait_longer_and_none_is_lost()
    {
        var clock = new FakeTimeProvider();
        var begun = clock.GetUtcNow();
        var retriedAt = new List<TimeSpan>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<int>(
                (_, context, _) =>
                {
                    if (context.Attempt == 1)
                        throw new InvalidOperationException();
                    retriedAt.Add(clock.GetUtcNow() - begun);
                    return default;
                },
                s => s.Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(1))).RetryBudget(retriesPerSecond: 1, burst: 2))
            .Build();

        for (var number = 0; number < 5; number++)
            await bus.PublishAsync(number);
        await bus.WhenQuiet();
        for (var second = 0; second < 4; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await bus.WhenQuiet();
        }

        Assert.Equal([1, 1, 2, 3, 4], retriedAt.Select(static time => (int)time.TotalSeconds));
    }

    [Fact]
    public async Task A_retry_that_is_far_away_delays_no_nearer_one()
    {
        var clock = new FakeTimeProvider();
        var handled = new List<string>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<string>(
                (@event, context, _) =>
                {
                    if (context.Attempt == 1)
                        throw new RetryAfterException(@event == "far" ? TimeSpan.FromHours(6) : TimeSpan.FromSeconds(1));
                    handled.Add(@event);
                    return default;
                },
                s => s.RetryBudget(retriesPerSecond: 1, burst: 1))
            .Build();

        await bus.PublishAsync("far");
        await bus.PublishAsync("near");
        await bus.WhenQuiet();
        clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenQuiet();

        Assert.Equal(["near"], handled);
    }
}
