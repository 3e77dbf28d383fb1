using System.Threading.Channels;
using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>The clock stands still: a stop that waited for the wrong thing would never end.</summary>
public sealed class DurableStopTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];

    [Fact]
    public async Task A_stop_does_not_wait_for_a_subscription_that_falls_behind_while_it_stops()
    {
        IEventBus bus = null!;
        var held = new HeldHandler();
        await using var built = bus = Bus(
            async (number, context, _) =>
            {
                if (number != 0)
                    return;
                await held.HoldAsync();
                for (var i = 1; i < 20; i++)
                    await context.Publisher.PublishAsync(i, CancellationToken.None);
            },
            static s => s.Capacity(2));
        await bus.PublishAsync(0);
        await held.Entered;

        var stopping = bus.StopAsync().AsTask();
        held.Open();
        await stopping.Soon();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, 20), _handled);
    }

    [Fact]
    public async Task A_stop_leaves_what_lags_in_the_log_and_tells_how_much()
    {
        var held = new HeldHandler();
        await using var bus = Bus((_, _, _) => held.HoldAsync(), static s => s.Capacity(2));
        for (var number = 0; number < 10; number++)
            await bus.PublishAsync(number);
        await held.Entered;

        var stopping = bus.StopAsync().AsTask();
        held.Open();
        var receipt = Assert.Single((await stopping.Soon()).Subscriptions);
        Assert.Empty(receipt.Abandoned);
        Assert.Equal(10, receipt.Statistics.Handled + receipt.Kept + receipt.Statistics.Lag);
        Assert.True(receipt.Statistics.Lag > 0);

        await bus.StartAsync();
        await bus.WhenSettled();
        Assert.Equal(Enumerable.Range(0, 10), _handled);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_deliveries_that_wait_for_their_time()
    {
        await using var bus = Bus(
            static (_, context, _) => context.Attempt == 1 ? throw new InvalidOperationException() : default,
            static s => s.Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(1))));
        await bus.PublishAsync(1);
        await bus.WhenQuiet();

        var receipt = Assert.Single((await bus.StopAsync().AsTask().Soon()).Subscriptions);
        Assert.Equal((1, 0), (receipt.Kept, receipt.Abandoned.Count));

        await bus.StartAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();
        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task A_handler_that_does_not_return_is_named_and_its_event_comes_again()
    {
        var held = new HeldHandler();
        var returned = Channel.CreateUnbounded<int>();
        await using var bus = Bus(async (number, _, _) =>
        {
            await held.HoldAsync();
            returned.Writer.TryWrite(number);
        });
        await bus.PublishAsync(1, new PublishOptions { Id = "the one" });
        await held.Entered;

        var receipt = Assert.Single((await bus.StopAsync(cancellationToken: new CancellationToken(canceled: true)).AsTask().Soon()).Subscriptions);
        await bus.StartAsync();
        held.Open();
        await bus.WhenSettled();

        Assert.Equal("the one", Assert.Single(receipt.Abandoned).Id);
        // The abandoned handler is nobody's any more, and returns when it likes.
        Assert.Equal(1, await returned.Reader.ReadAsync().AsTask().Soon());
        Assert.Equal(1, await returned.Reader.ReadAsync().AsTask().Soon());
    }

    [Fact]
    public async Task A_stop_after_the_log_has_failed_ends_and_a_start_goes_on()
    {
        var log = new FaultyLog(_log);
        var held = new HeldHandler();
        await using var bus = Bus((_, _, _) => held.HoldAsync(), log: log);
        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await held.Entered;
        log.Fault = static (_, call) => call == "Commit" ? FaultyLog.Fatal() : null;
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(3));
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(4));
        var failure = bus.EventLog.Failure;

        held.Open();
        await bus.StopAsync().AsTask().Soon();
        log.Fault = static (_, _) => null;
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal("The disk reports an error.", failure?.Message);
        Assert.Null(bus.EventLog.Failure);
        Assert.Equal([1, 1, 2], _handled);
    }

    [Fact]
    public async Task A_publish_that_is_being_committed_when_the_bus_is_drained_is_in_the_receipt()
    {
        var log = new FaultyLog(_log);
        await using var bus = Bus((_, _, _) => default, log: log);
        await bus.StartAsync();
        var committing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gate = new ManualResetEventSlim();
        log.Fault = (_, call) =>
        {
            if (call == "Commit" && committing.TrySetResult())
                gate.Wait(TimeSpan.FromSeconds(60));
            return null;
        };
        var publishing = bus.PublishAsync(1).AsTask();
        await committing.Task.Soon();

        var stopping = bus.StopAsync().AsTask();
        gate.Set();
        await publishing.Soon();
        var receipt = Assert.Single((await stopping.Soon()).Subscriptions);

        Assert.Equal(1, receipt.Statistics.Accepted + receipt.Statistics.Lag);
        Assert.Equal(receipt.Kept, receipt.Statistics.Waiting);
    }

    [Fact]
    public async Task A_handler_that_ends_its_own_subscription_leaves_the_rest_to_the_next_start_that_has_it()
    {
        IEventBus bus = null!;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (bus = Bus(
            async (number, _, _) =>
            {
                if (number != 2)
                    return;
                await bus.Subscriptions[0].DisposeAsync();
                ended.SetResult();
            }))
        {
            await bus.PublishManyAsync([1, 2, 3]);
            await ended.Task.Soon();
            await bus.StopAsync().AsTask().Soon();
        }

        await using var another = Bus(static (_, _, _) => default);
        await another.StartAsync();
        await another.WhenSettled();

        Assert.Equal([1, 2, 2, 3], _handled.Order());
    }

    [Fact]
    public async Task Handlers_may_stop_start_and_dispose_the_bus()
    {
        IEventBus bus = null!;
        var stops = 0;
        var restarted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disposed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bus = Bus(
            async (number, _, _) =>
            {
                // It is delivered again: the stop did not wait for its own caller.
                if (number == 1 && Interlocked.Increment(ref stops) == 1)
                {
                    await bus.StopAsync(cancellationToken: CancellationToken.None);
                    await bus.StartAsync(CancellationToken.None);
                    restarted.TrySetResult();
                }

                if (number == 2)
                {
                    await bus.DisposeAsync();
                    disposed.TrySetResult();
                }
            });

        await bus.PublishAsync(1);
        await restarted.Task.Soon();
        await bus.WhenSettled();
        await bus.PublishAsync(2);
        await disposed.Task.Soon();

        Assert.Equal(1, _handled[0]);
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.PublishAsync(3));
    }

    [Fact]
    public async Task A_durable_subscription_can_be_added_while_the_bus_is_not_started_and_is_refused_while_it_is()
    {
        await using var bus = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).AddEvent<int>(static _ => { }).Build();
        await bus.StartAsync();

        var error = Assert.Throws<InvalidOperationException>(Add);
        await bus.StopAsync().AsTask().Soon();
        Add();
        await bus.StartAsync();
        await bus.PublishAsync(1);
        await bus.WhenSettled();

        Assert.Equal("Subscription 'late' is durable, and a durable subscription begins when the bus starts. Register it with the builder, or add it while the bus is not started.", error.Message);
        Assert.Equal([1], _handled);

        void Add() => bus.Subscribe<int>(
            (number, _, _) =>
            {
                _handled.Add(number);
                return default;
            },
            static s => s.Named("late").Durable());
    }

    [Fact]
    public async Task Nothing_begins_after_a_stop_whatever_replays_meanwhile()
    {
        for (var round = 0; round < 50; round++)
        {
            var stopped = false;
            var late = 0;
            await using var bus = Bus((_, _, _) =>
            {
                late += Volatile.Read(ref stopped) ? 1 : 0;
                return default;
            });
            await bus.PublishManyAsync([.. Enumerable.Range(0, 20)]);

            var replay = Task.Run(async () => await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest));
            var stop = bus.StopAsync().AsTask();
            await stop.Soon();
            Volatile.Write(ref stopped, true);
            await Record.ExceptionAsync(() => replay.Soon());

            Assert.Equal(0, late);
        }
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<int>>? configure = null, IEventLog? log = null) =>
        new EventBusBuilder()
            .UseEventLog(log ?? _log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                async (number, context, token) =>
                {
                    await handler(number, context, token);
                    lock (_handled)
                        _handled.Add(number);
                },
                s =>
                {
                    s.Named("facts").Durable();
                    configure?.Invoke(s);
                })
            .Build();
}
