using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Threads publish as fast as they can while the bus is stopped and started, again and again.</summary>
public sealed class RestartUnderLoadTests
{
    private const int Cycles = 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task However_often_it_is_stopped_and_started_what_was_accepted_is_handled_once(bool ordered)
    {
        await using var bus = Bus(static (_, _, _) => default, s =>
        {
            s.Capacity(64);
            if (ordered)
                s.OrderedBy(static number => number % 3).Concurrency(2);
        });
        var accepted = 0L;

        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            var crowd = new Publishers(4);
            var publishing = crowd.PublishUntilStoppedAsync(bus);
            await crowd.AllPublish;
            var receipt = await bus.StopAsync().AsTask().Soon();
            accepted += await publishing.Soon();

            Assert.Equal(accepted, Assert.Single(receipt.Subscriptions).Statistics.Handled);
            await bus.StartAsync();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_a_stop_cuts_off_its_receipt_adds_up_and_the_rest_is_handled_once(bool ordered)
    {
        await using var bus = Bus(static async (_, _, _) => await Task.Yield(), s =>
        {
            if (ordered)
                s.OrderedBy(static number => number % 3).Concurrency(2);
        });
        var accepted = 0L;

        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            var crowd = new Publishers(4);
            var publishing = crowd.PublishUntilStoppedAsync(bus);
            await crowd.AllPublish;
            var receipt = await bus.StopAsync(TimeSpan.Zero).AsTask().Soon();
            accepted += await publishing.Soon();

            var subscription = Assert.Single(receipt.Subscriptions);
            Assert.Equal(accepted, subscription.Statistics.Settled + subscription.Abandoned.Count);
            Assert.Distinct(subscription.Abandoned.Select(static metadata => metadata.Id));
            await bus.StartAsync();
        }

        await bus.WhenSettled();
        Assert.Equal(accepted, bus.Subscriptions[0].Statistics.Handled);
    }

    private static IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<int>> configure) =>
        new EventBusBuilder().UseTimeProvider(new FakeTimeProvider()).Handle(handler, configure).Build();
}
