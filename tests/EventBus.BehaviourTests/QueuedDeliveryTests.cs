using EventBus.Testing;

namespace EventBus.BehaviourTests;

public sealed class QueuedDeliveryTests
{
    [Fact]
    public async Task A_failed_delivery_is_tried_again_after_its_delay_and_then_settled()
    {
        var attempts = new List<int>();
        await using var bus = TestBus.Create(bus => bus.Handle<string>(
            (_, context, _) =>
            {
                attempts.Add(context.Attempt);
                return context.Attempt == 1 ? throw new InvalidOperationException() : default;
            },
            static s => s.Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(10)))));

        await bus.PublishAsync("fact");
        await bus.WhenIdleAsync();
        Assert.Equal([1], attempts);

        await bus.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 2], attempts);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }
}
