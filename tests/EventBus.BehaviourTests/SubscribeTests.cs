using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

public sealed class SubscribeTests
{
    [Fact]
    public async Task What_a_disposed_subscription_leaves_is_counted_once_even_if_it_is_disposed_twice()
    {
        await using var bus = new EventBusBuilder().Build();
        var subscription = bus.Subscribe<string>(static (_, _, _) => default, s => s.StartPaused());
        await bus.PublishAsync("fact");

        await subscription.DisposeAsync();
        await subscription.DisposeAsync();

        Assert.Equal(1, subscription.Statistics.Dropped);
        Assert.Equal(subscription.Statistics.Accepted, subscription.Statistics.Settled);
    }

    [Fact]
    public async Task A_disposed_subscription_gets_no_more_events()
    {
        var handled = new List<string>();
        await using var bus = new EventBusBuilder().Build();
        var subscription = bus.Subscribe<string>((@event, _, _) =>
        {
            handled.Add(@event);
            return default;
        });
        await bus.PublishAsync("before");
        await bus.WhenSettled();

        await subscription.DisposeAsync();
        await bus.PublishAsync("after");
        await bus.WhenSettled();

        Assert.Equal(["before"], handled);
    }
}
