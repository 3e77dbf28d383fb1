using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

public abstract class PauseTests(DeliveryMode mode)
{
    private readonly List<string> _handled = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_may_pause_its_own_subscription_and_nothing_more_begins_until_it_is_resumed(bool ordered)
    {
        IEventBus bus = null!;
        await using var built = bus = new EventBusBuilder()
            .In(mode)
            .Handle<string>(
                (fact, _, _) =>
                {
                    _handled.Add(fact);
                    if (fact == "pause")
                        bus.Subscriptions[0].Pause();
                    return default;
                },
                s =>
                {
                    s.In(mode).StartPaused();
                    if (ordered)
                        s.OrderedBy(static fact => fact);
                })
            .Build();
        await bus.PublishManyAsync(["before", "pause", "after"]);

        bus.Subscriptions[0].Resume();
        await bus.WhenQuiet();
        Assert.True(bus.Subscriptions[0].IsPaused);
        Assert.Equal(["before", "pause"], _handled);

        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();
        Assert.Equal(["before", "pause", "after"], _handled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_may_pause_and_resume_another_subscription(bool inline)
    {
        IEventBus bus = null!;
        await using var built = bus = new EventBusBuilder()
            .In(mode)
            .Handle<bool>(
                (pause, _, _) =>
                {
                    if (pause)
                        bus.Subscriptions[1].Pause();
                    else
                        bus.Subscriptions[1].Resume();
                    return default;
                },
                s =>
                {
                    if (inline)
                        s.Inline();
                    else
                        s.In(mode, "switch");
                })
            .Handle<string>(
                (fact, _, _) =>
                {
                    _handled.Add(fact);
                    return default;
                },
                s => s.In(mode))
            .Build();

        await bus.PublishAsync(true);
        await bus.WhenQuiet();
        await bus.PublishAsync("fact");
        await bus.WhenQuiet();
        Assert.Empty(_handled);

        await bus.PublishAsync(false);
        await bus.WhenSettled();
        Assert.Equal(["fact"], _handled);
    }

    [Fact]
    public async Task A_paused_subscription_delays_no_other_and_no_stop()
    {
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<string>(static (_, _, _) => default, s => s.In(mode, "paused").StartPaused())
            .Handle<string>(
                (fact, _, _) =>
                {
                    _handled.Add(fact);
                    return default;
                },
                s => s.In(mode, "other"))
            .Build();
        await bus.PublishAsync("fact");

        var receipt = await bus.StopAsync().AsTask().Soon();

        Assert.Equal(["fact"], _handled);
        Assert.Equal([1, 0], receipt.Subscriptions.Select(subscription => subscription.Left(mode)));
    }

    public sealed class Queued() : PauseTests(DeliveryMode.Queued);

    public sealed class Durable() : PauseTests(DeliveryMode.Durable);
}
