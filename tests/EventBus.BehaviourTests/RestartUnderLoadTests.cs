using System.Collections.Concurrent;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Threads publish as fast as they can while the bus is stopped and started, again and again.</summary>
public abstract class RestartUnderLoadTests(DeliveryMode mode)
{
    private const int Cycles = 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task However_often_it_is_stopped_and_started_what_was_accepted_is_handled_once(bool ordered)
    {
        await using var bus = Bus(static (_, _, _) => default, ordered, capacity: 64);

        var all = await StopAndStartAsync(bus, static bus => bus.StopAsync(), (receipt, accepted) =>
        {
            var statistics = Assert.Single(receipt.Subscriptions).Statistics;
            Assert.True(receipt.IsComplete);
            Assert.Equal(accepted, statistics.Handled + statistics.KeptByTheLog(mode));
        });

        Assert.Equal(all, bus.Subscriptions[0].Statistics.Handled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_a_stop_cuts_off_is_handled_and_only_what_it_named_as_running_begins_again(bool ordered)
    {
        var begun = new ConcurrentDictionary<string, int>();
        var named = new HashSet<string>();
        await using var bus = Bus(
            async (_, context, _) =>
            {
                begun.AddOrUpdate(context.Id, 1, static (_, times) => times + 1);
                await Task.Yield();
            },
            ordered);

        var all = await StopAndStartAsync(bus, CutShortAsync, (receipt, _) => named.UnionWith(Assert.Single(receipt.Subscriptions).Abandoned.Select(static metadata => metadata.Id)));

        Assert.Equal(all, begun.Count);
        Assert.Subset(mode.BeginsAcrossAStop() > 1 ? named : [], begun.Where(static one => one.Value > 1).Select(static one => one.Key).ToHashSet());
    }

    /// <summary>Judges each receipt, together with how many events were accepted so far.</summary>
    /// <returns>How many were accepted; all of them are settled.</returns>
    private static async Task<long> StopAndStartAsync(IEventBus bus, Func<IEventBus, ValueTask<StopReceipt>> stop, Action<StopReceipt, long> judge)
    {
        var accepted = 0L;
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            var crowd = new Publishers(4);
            var publishing = crowd.PublishUntilStoppedAsync(bus);
            await crowd.AllPublish;
            var receipt = await stop(bus).AsTask().Soon();
            accepted += await publishing.Soon();

            judge(receipt, accepted);
            await bus.StartAsync();
        }

        await bus.WhenSettled();
        return accepted;
    }

    // Not by a limit of zero: that would not wait for the log either, and what was handled last would be delivered again.
    private static ValueTask<StopReceipt> CutShortAsync(IEventBus bus) => bus.StopAsync(cancellationToken: new CancellationToken(canceled: true));

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask> handler, bool ordered, int capacity = SubscriptionSettings.DefaultCapacity) =>
        new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(new FakeTimeProvider())
            .Handle(handler, s =>
            {
                s.In(mode).Capacity(capacity);
                if (ordered)
                    s.OrderedBy(static number => number % 3).Concurrency(2);
            })
            .Build();

    public sealed class Queued() : RestartUnderLoadTests(DeliveryMode.Queued)
    {
        // What is abandoned is in memory, so each delivery is in exactly one place. A durable handler that outlives a stop is counted as it returns, and again after the start.
        [Theory]
        [InlineData(false)]
        [InlineData(true)]
        public async Task Whatever_a_stop_cuts_off_its_receipt_adds_up(bool ordered)
        {
            await using var bus = Bus(static async (_, _, _) => await Task.Yield(), ordered);

            var all = await StopAndStartAsync(bus, static bus => bus.StopAsync(TimeSpan.Zero), static (receipt, accepted) =>
            {
                var subscription = Assert.Single(receipt.Subscriptions);
                Assert.Equal(accepted, subscription.Statistics.Settled + subscription.Abandoned.Count);
                Assert.Distinct(subscription.Abandoned.Select(static metadata => metadata.Id));
            });

            Assert.Equal(all, bus.Subscriptions[0].Statistics.Handled);
        }
    }

    public sealed class Durable() : RestartUnderLoadTests(DeliveryMode.Durable);
}
