using EventBus.Retrying;

namespace EventBus.UnitTests.Retrying;

public sealed class RetryBudgetTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact]
    public void A_burst_runs_at_once_and_the_rest_at_the_rate()
    {
        var budget = new RetryBudget(perSecond: 2, burst: 3);

        var times = Enumerable.Range(0, 7).Select(_ => budget.Reserve(0).Ticks).ToArray();

        Assert.Equal([0, 0, 0, Second / 2, Second, 3 * Second / 2, 2 * Second], times);
    }

    [Fact]
    public void Retries_within_the_rate_never_wait()
    {
        var budget = new RetryBudget(perSecond: 10, burst: 5);

        for (var now = 0L; now < 100 * Second; now += Second / 3)
            Assert.Equal(TimeSpan.Zero, budget.Reserve(now));
    }

    [Fact]
    public void After_a_pause_the_burst_is_there_again_and_no_more_than_that()
    {
        var budget = new RetryBudget(perSecond: 1, burst: 2);
        for (var i = 0; i < 4; i++)
            budget.Reserve(0);

        var times = Enumerable.Range(0, 3).Select(_ => budget.Reserve(1000 * Second).Ticks).ToArray();

        Assert.Equal([0, 0, Second], times);
    }

    [Fact]
    public void Ten_thousand_retries_at_once_are_spread_over_their_time()
    {
        var budget = new RetryBudget(perSecond: 100, burst: 100);

        var last = Enumerable.Range(0, 10_000).Select(_ => budget.Reserve(0).Ticks).Max();

        Assert.Equal(99 * Second, last);
    }
}
