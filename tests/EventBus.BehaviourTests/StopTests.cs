using System.Threading.Channels;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>The clock stands still in all of these: a stop that waited for the wrong thing would never end.</summary>
public abstract class StopTests(DeliveryMode mode)
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_handler_may_stop_the_bus_and_wait_for_it_and_is_named_as_what_still_runs()
    {
        IEventBus bus = null!;
        var begun = 0;
        var stopped = new TaskCompletionSource<StopReceipt>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var built = bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<string>(
                async (_, _, _) =>
                {
                    if (++begun == 1)
                        stopped.SetResult(await bus.StopAsync(cancellationToken: CancellationToken.None));
                },
                s => s.In(mode))
            .Build();

        await bus.PublishAsync("fact", new PublishOptions { Id = "the stop" });
        var receipt = await stopped.Task.Soon();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal("the stop", Assert.Single(Assert.Single(receipt.Subscriptions).Abandoned).Id);
        Assert.Equal(mode.BeginsAcrossAStop(), begun);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_handlers_may_stop_the_bus_at_once_and_get_the_same_receipt(bool ofOneSubscription)
    {
        IEventBus bus = null!;
        var both = new HeldHandler(2);
        var receipts = Channel.CreateUnbounded<StopReceipt>();
        var builder = new EventBusBuilder().In(mode).UseTimeProvider(_clock);
        for (var i = 0; i < (ofOneSubscription ? 1 : 2); i++)
            builder.Handle<int>(StopAsync, s => s.In(mode, $"stop-{i}").Concurrency(ofOneSubscription ? 2 : 1));
        await using var built = bus = builder.Build();

        await bus.PublishAsync(1);
        if (ofOneSubscription)
            await bus.PublishAsync(2);
        await both.Entered;
        both.Open();

        Assert.Same(await receipts.Reader.ReadAsync().AsTask().Soon(), await receipts.Reader.ReadAsync().AsTask().Soon());

        async ValueTask StopAsync(int number, EventContext context, CancellationToken cancellationToken)
        {
            await both.HoldAsync();
            await receipts.Writer.WriteAsync(await bus.StopAsync(cancellationToken: CancellationToken.None), CancellationToken.None);
        }
    }

    [Fact]
    public async Task An_inline_handler_may_stop_the_bus_below_another()
    {
        IEventBus bus = null!;
        var begun = 0;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var built = bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<string>((fact, context, token) => context.Publisher.PublishAsync(fact.Length, token), s => s.In(mode))
            .Handle<int>(
                async (_, _, _) =>
                {
                    if (++begun > 1)
                        return;
                    await bus.StopAsync(cancellationToken: CancellationToken.None);
                    stopped.SetResult();
                },
                static s => s.Inline())
            .Build();

        await bus.PublishAsync("fact");
        await stopped.Task.Soon();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal(mode.BeginsAcrossAStop(), begun);
    }

    [Fact]
    public async Task A_stop_is_the_same_for_all_who_ask_for_it_and_stays_so_afterwards()
    {
        var held = new HeldHandler();
        await using var bus = new EventBusBuilder().In(mode).UseTimeProvider(_clock).Handle<string>((_, _, _) => held.HoldAsync(), s => s.In(mode)).Build();
        await bus.PublishAsync("fact");
        await held.Entered;

        var first = bus.StopAsync().AsTask();
        var second = bus.StopAsync(TimeSpan.FromSeconds(1)).AsTask();
        held.Open();
        var receipt = await first.Soon();

        Assert.Same(receipt, await second.Soon());
        Assert.Same(receipt, await bus.StopAsync().AsTask().Soon());
    }

    [Fact]
    public async Task A_bus_that_never_started_stops_at_once_and_takes_nothing()
    {
        await using var bus = new EventBusBuilder().In(mode).UseTimeProvider(_clock).Handle<string>(static (_, _, _) => default, s => s.In(mode)).Build();

        var receipt = await bus.StopAsync().AsTask().Soon();

        Assert.True(receipt.IsComplete);
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.PublishAsync("fact"));
    }

    // The log keeps durable retries: no stop waits for them, see DurableStopTests.
    public sealed class Queued() : StopTests(DeliveryMode.Queued)
    {
        [Fact]
        public async Task A_stop_waits_for_retries_that_are_due_within_its_limit()
        {
            await using var bus = new EventBusBuilder()
                .UseTimeProvider(_clock)
                .Handle<string>(
                    static (_, context, _) => context.Attempt == 1 ? throw new InvalidOperationException() : default,
                    static s => s.Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(5))))
                .Build();
            await bus.PublishAsync("fact");
            await bus.WhenQuiet();

            var stopping = bus.StopAsync(TimeSpan.FromSeconds(10)).AsTask();
            Assert.False(stopping.IsCompleted);
            _clock.Advance(TimeSpan.FromSeconds(5));
            var receipt = await stopping.Soon();

            Assert.True(receipt.IsComplete);
            Assert.Equal(TimeSpan.FromSeconds(5), receipt.Elapsed);
        }
    }

    public sealed class Durable() : StopTests(DeliveryMode.Durable);
}
