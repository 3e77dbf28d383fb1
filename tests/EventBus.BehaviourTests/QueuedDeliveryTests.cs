using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class QueuedDeliveryTests
{
    [Fact]
    public async Task A_failed_delivery_is_tried_again_after_its_delay_and_then_settled()
    {
        var clock = new FakeTimeProvider();
        var attempts = new List<int>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<string>(
                (_, context, _) =>
                {
                    attempts.Add(context.Attempt);
                    return context.Attempt == 1 ? throw new InvalidOperationException() : default;
                },
                s => s.Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(10))))
            .Build();

        await bus.PublishAsync("fact");
        await bus.WhenQuiet();
        Assert.Equal([1], attempts);

        clock.Advance(TimeSpan.FromSeconds(10));
        await bus.WhenSettled();
        Assert.Equal([1, 2], attempts);
    }
}
