using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Each event that meets a stop is accepted and settled, or its publisher is told. The clock stands still.</summary>
public abstract class PublishDuringStopTests(DeliveryMode mode)
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task What_handlers_publish_while_the_bus_stops_is_accepted_and_settled_and_what_others_publish_is_not()
    {
        IEventBus bus = null!;
        var held = new HeldHandler();
        await using var built = bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<int>(
                async (left, context, token) =>
                {
                    if (left == 3)
                        await held.HoldAsync();
                    if (left == 0)
                        return;
                    await context.Publisher.PublishAsync(left - 1, token);
                    await bus.PublishAsync("through the root", token);
                },
                s => s.In(mode, "chain"))
            .Handle<string>(static (_, _, _) => default, s => s.In(mode, "leaf"))
            .Build();
        await bus.PublishAsync(3);
        await held.Entered;

        var stopping = bus.StopAsync().AsTask();
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.PublishAsync(9));
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.ScheduleAsync(9, TimeSpan.FromHours(1)));
        held.Open();
        var receipt = await stopping.Soon();

        Assert.True(receipt.IsComplete);
        Assert.Equal([4, 3], receipt.Subscriptions.Select(static subscription => subscription.Statistics.Handled));
    }

    [Fact]
    public async Task An_inline_handler_that_still_runs_may_publish_while_the_bus_stops()
    {
        var inline = new HeldHandler();
        var behind = new HeldHandler();
        await using var bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<string>((_, _, _) => behind.HoldAsync(), s => s.In(mode))
            .Handle<int>(
                async (_, context, token) =>
                {
                    await inline.HoldAsync();
                    await context.Publisher.PublishAsync("follow-up", token);
                },
                static s => s.Inline())
            .Build();
        await bus.PublishAsync("fact");
        await behind.Entered;
        var publishing = bus.PublishAsync(1).AsTask();

        var stopping = bus.StopAsync().AsTask();
        inline.Open();
        await publishing.Soon();
        behind.Open();
        var receipt = await stopping.Soon();

        Assert.Equal(2, receipt.Subscriptions[0].Statistics.Handled);
    }

    [Theory]
    [InlineData(1024, false)]
    [InlineData(2, false)]
    [InlineData(1024, true)]
    [InlineData(2, true)]
    public async Task Every_publish_during_a_stop_throws_or_is_accepted_and_settled(int capacity, bool ordered)
    {
        var crowd = new Publishers(8);
        await using var bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<int>(static (_, _, _) => default, s =>
            {
                s.In(mode).Capacity(capacity);
                if (ordered)
                    s.OrderedBy(static number => number % 3).Concurrency(2);
            })
            .Build();

        var publishing = crowd.PublishUntilStoppedAsync(bus);
        await crowd.AllPublish;
        var receipt = await bus.StopAsync().AsTask().Soon();
        var accepted = await publishing.Soon();

        var statistics = Assert.Single(receipt.Subscriptions).Statistics;
        Assert.True(receipt.IsComplete);
        Assert.Equal((accepted, accepted), (statistics.Accepted + statistics.Lag, statistics.Handled + statistics.KeptByTheLog(mode)));
        // Publishers that waited for room and were sent away count what they missed when they go on: here they all have.
        var afterwards = bus.Subscriptions[0].Statistics;
        Assert.Equal(statistics with { Missed = afterwards.Missed }, afterwards);
        Assert.InRange(statistics.Missed, 0, afterwards.Missed);

        await bus.StartAsync();
        await bus.WhenSettled();
        Assert.Equal(accepted, bus.Subscriptions[0].Statistics.Handled);
    }

    // Nobody waits for room in a durable subscription, and its key is read by the writer of the log: there is no queue to reach too late.
    public sealed class Queued() : PublishDuringStopTests(DeliveryMode.Queued)
    {
        [Fact]
        public async Task A_publisher_that_was_let_in_before_the_stop_and_reaches_the_queue_after_it_is_told()
        {
            var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var goOn = new ManualResetEventSlim();
            await using var bus = new EventBusBuilder()
                .UseTimeProvider(_clock)
                .Handle<string>(static (_, _, _) => default, s => s.OrderedBy(fact =>
                {
                    inside.TrySetResult();
                    goOn.Wait();
                    return fact;
                }))
                .Build();
            var publishing = Task.Run(async () => await bus.PublishAsync("late"));
            await inside.Task.Soon();

            var receipt = await bus.StopAsync().AsTask().Soon();
            goOn.Set();

            await Assert.ThrowsAsync<EventBusStoppedException>(() => publishing.Soon());
            Assert.True(receipt.IsComplete);
            Assert.Equal(0, bus.Subscriptions[0].Statistics.Accepted);
        }

        [Theory]
        [InlineData(false)]
        [InlineData(true)]
        public async Task Publishers_that_wait_for_room_when_the_bus_stops_are_told_and_nothing_of_theirs_is_accepted_there(bool ordered)
        {
            const int publishers = 5;
            await using var bus = new EventBusBuilder()
                .UseTimeProvider(_clock)
                .Handle<int>(static (_, _, _) => default, s =>
                {
                    s.Named("full").Capacity(1).StartPaused();
                    if (ordered)
                        s.OrderedBy(static number => number);
                })
                .Handle<int>(static (_, _, _) => default, static s => s.Named("other"))
                .Build();
            await bus.PublishAsync(0);
            var waiting = Enumerable.Range(1, publishers).Select(number => bus.PublishAsync(number).AsTask()).ToArray();
            Assert.DoesNotContain(waiting, static publish => publish.IsCompleted);

            var receipt = await bus.StopAsync().AsTask().Soon();
            foreach (var publish in waiting)
                await Assert.ThrowsAsync<EventBusStoppedException>(() => publish.Soon());

            var full = bus.Subscriptions[0].Statistics;
            Assert.Equal((1, publishers), (full.Accepted, full.Missed));
            Assert.Single(receipt.Subscriptions[0].Abandoned);
            Assert.Equal(1 + publishers, receipt.Subscriptions[1].Statistics.Handled);
        }
    }

    public sealed class Durable() : PublishDuringStopTests(DeliveryMode.Durable);
}
