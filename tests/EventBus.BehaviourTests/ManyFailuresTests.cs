using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public abstract class ManyFailuresTests(DeliveryMode mode)
{
    private const int Failures = 10_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_thousand_failures_at_once_hold_up_nobody_and_come_back_spread_over_their_delay(bool ordered)
    {
        var clock = new FakeTimeProvider();
        var handled = 0;
        var others = 0;
        await using var bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(clock)
            .UseSeed(1)
            .Handle<int>(
                (number, context, _) =>
                {
                    if (number < Failures && context.Attempt == 1)
                        throw new InvalidOperationException();
                    Interlocked.Increment(ref handled);
                    return default;
                },
                s =>
                {
                    s.In(mode, "failing").Capacity(2 * Failures).Retry(RetryPolicy.Exponential(2, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
                    if (ordered)
                        s.OrderedBy(static number => number).Concurrency(2);
                })
            .Handle<int>(
                (_, _, _) =>
                {
                    others++;
                    return default;
                },
                s => s.In(mode, "other"))
            .Build();
        await bus.PublishManyAsync([.. Enumerable.Range(0, Failures)]);
        await bus.WhenQuiet();

        await bus.PublishAsync(Failures);
        await bus.WhenQuiet();
        Assert.Equal((1, Failures + 1), (handled, others));

        clock.Advance(TimeSpan.FromSeconds(59));
        await bus.WhenQuiet();
        var comeBack = new List<int>();
        for (var second = 60; second <= 180; second++)
        {
            var before = handled;
            clock.Advance(TimeSpan.FromSeconds(1));
            await bus.WhenQuiet();
            comeBack.Add(handled - before);
        }

        await bus.WhenSettled();
        Assert.Equal(Failures, comeBack.Sum());
        Assert.InRange(comeBack.Max(), 1, Failures / 60);
        Assert.InRange(comeBack[1..].Min(), 1, Failures / 60);
        Assert.Equal((Failures + 1, 0), (bus.Subscriptions[0].Statistics.Handled, bus.Subscriptions[0].Statistics.DeadLettered));
    }

    public sealed class Queued() : ManyFailuresTests(DeliveryMode.Queued);

    public sealed class Durable() : ManyFailuresTests(DeliveryMode.Durable);
}
