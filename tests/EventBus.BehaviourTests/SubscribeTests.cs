using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

public sealed class SubscribeTests
{
    [Fact]
    public async Task A_delivery_that_fails_after_its_handler_ended_the_subscription_is_counted_as_dropped()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("ended with 1 deliveries", StringComparison.Ordinal), told);
        await using var provider = new ServiceCollectionWithLog(log).Build(static _ => { });
        var bus = provider.Bus;
        ISubscription? subscription = null;
        subscription = bus.Subscribe<string>(
            async (_, _, _) =>
            {
                await subscription!.DisposeAsync();
                throw new InvalidOperationException();
            },
            static s => s.Named("s"));

        await bus.PublishAsync("fact");
        await told.Task.Soon();

        Assert.Equal(1, subscription.Statistics.Dropped);
        Assert.Equal(subscription.Statistics.Accepted, subscription.Statistics.Settled);
    }

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

    [Fact]
    public async Task A_handler_may_dispose_its_own_subscription()
    {
        ISubscription subscription = null!;
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = new EventBusBuilder().Build();
        subscription = bus.Subscribe<string>(async (_, _, _) =>
        {
            await subscription.DisposeAsync();
            disposed.SetResult();
        });

        await bus.PublishAsync("fact");

        await disposed.Task.Soon();
        Assert.Empty(bus.Subscriptions);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_handlers_may_dispose_their_subscription_or_each_others_at_once(bool eachOthers)
    {
        var both = new HeldHandler(2);
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = 2;
        await using var bus = new EventBusBuilder().Build();
        var subscriptions = new List<ISubscription>();
        for (var i = 0; i < (eachOthers ? 2 : 1); i++)
        {
            var other = eachOthers ? 1 - i : 0;
            subscriptions.Add(bus.Subscribe<int>(
                async (_, _, _) =>
                {
                    await both.HoldAsync();
                    await subscriptions[other].DisposeAsync();
                    if (Interlocked.Decrement(ref left) == 0)
                        disposed.SetResult();
                },
                s => s.Concurrency(eachOthers ? 1 : 2)));
        }

        await bus.PublishAsync(1);
        if (!eachOthers)
            await bus.PublishAsync(2);
        await both.Entered;
        both.Open();

        await disposed.Task.Soon();
        Assert.Empty(bus.Subscriptions);
    }
}
