using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>The clock stands still in all of these: a disposal that waited for the wrong thing would never end.</summary>
public abstract class DisposeTests(DeliveryMode mode)
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(1024, false)]
    [InlineData(2, false)]
    [InlineData(1024, true)]
    [InlineData(2, true)]
    public async Task Every_publish_during_a_disposal_throws_or_is_settled(int capacity, bool ordered)
    {
        var crowd = new Publishers(8);
        var bus = Bus(static (_, _, _) => default, s =>
        {
            s.Capacity(capacity);
            if (ordered)
                s.OrderedBy(static number => number % 3).Concurrency(2);
        });

        var publishing = crowd.PublishUntilStoppedAsync(bus);
        await crowd.AllPublish;
        await bus.DisposeAsync().AsTask().Soon();
        var accepted = await publishing.Soon();

        var statistics = bus.Subscriptions[0].Statistics;
        Assert.Equal((accepted, accepted), (statistics.Accepted + statistics.Lag, statistics.Handled + statistics.KeptByTheLog(mode)));
    }

    [Fact]
    public async Task The_first_publish_of_a_bus_that_is_being_disposed_throws_or_is_settled()
    {
        for (var round = 0; round < 200; round++)
        {
            var bus = Bus(static (_, _, _) => default);

            var publishing = new Publishers(1).PublishUntilStoppedAsync(bus);
            await bus.DisposeAsync().AsTask().Soon();
            var accepted = await publishing.Soon();

            var statistics = bus.Subscriptions[0].Statistics;
            Assert.Equal(accepted, statistics.Handled + statistics.KeptByTheLog(mode));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_handler_may_dispose_its_bus(bool inline, bool blocking)
    {
        IEventBus bus = null!;
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bus = Bus(
            async (_, _, _) =>
            {
                if (blocking)
                    bus.Dispose();
                else
                    await bus.DisposeAsync();
                disposed.SetResult();
            },
            s =>
            {
                if (inline)
                    s.Inline();
            });

        await bus.PublishAsync(1).AsTask().Soon();
        await disposed.Task.Soon();
        await bus.WhenQuiet();

        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task A_handler_may_dispose_the_container_of_its_bus()
    {
        ServiceProvider provider = null!;
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddEventBus(builder => builder.In(mode).Handle<int>(
            async (_, _, _) =>
            {
                await provider.DisposeAsync();
                disposed.SetResult();
            },
            s => s.In(mode)));
        provider = services.BuildServiceProvider(validateScopes: true);

        await provider.GetRequiredService<IEventPublisher>().PublishAsync(1);

        await disposed.Task.Soon();
    }

    [Fact]
    public async Task Disposing_from_several_threads_and_again_is_disposing_once_and_waits_for_what_runs()
    {
        var held = new HeldHandler();
        var bus = Bus((_, _, _) => held.HoldAsync());
        await bus.PublishAsync(1);
        await held.Entered;

        var disposals = Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await bus.DisposeAsync())).ToArray();
        Assert.DoesNotContain(disposals, static disposal => disposal.IsCompleted);
        held.Open();
        await Task.WhenAll(disposals).Soon();
        await bus.DisposeAsync().AsTask().Soon();
        bus.Dispose();

        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task A_disposal_during_a_stop_ends_with_it()
    {
        var held = new HeldHandler();
        var bus = Bus((_, _, _) => held.HoldAsync());
        await bus.PublishAsync(1);
        await held.Entered;

        var stopping = bus.StopAsync().AsTask();
        var disposing = bus.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        held.Open();
        var receipt = await stopping.Soon();
        await disposing.Soon();

        Assert.True(receipt.IsComplete);
    }

    [Fact]
    public async Task A_bus_that_is_being_disposed_cannot_be_started_again()
    {
        var held = new HeldHandler();
        var bus = Bus((_, _, _) => held.HoldAsync());
        await bus.PublishAsync(1);
        await held.Entered;

        var disposing = bus.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await bus.StartAsync());
        held.Open();
        await disposing.Soon();

        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bus_that_is_disposed_says_so(bool wasStarted)
    {
        var bus = Bus(static (_, _, _) => default);
        if (wasStarted)
            await bus.StartAsync();

        await bus.DisposeAsync().AsTask().Soon();

        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.PublishAsync(1));
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.ScheduleAsync(1, TimeSpan.FromHours(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await bus.StartAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await bus.StopAsync());
        Assert.Throws<ObjectDisposedException>(() => bus.Subscribe<int>(static (_, _, _) => default));
    }

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<int>>? configure = null) =>
        new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle(handler, s => (configure ?? (static _ => { }))(s.In(mode)))
            .Build();

    public sealed class Queued() : DisposeTests(DeliveryMode.Queued);

    public sealed class Durable() : DisposeTests(DeliveryMode.Durable);
}
