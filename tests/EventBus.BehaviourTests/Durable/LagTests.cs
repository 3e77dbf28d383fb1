using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>A subscription without room falls behind, reads the log, and becomes live again. Whatever it is doing, it misses nothing and gets nothing twice.</summary>
public sealed class LagTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Nothing_is_missed_or_doubled_while_subscriptions_fall_behind_and_catch_up()
    {
        const int publishers = 4, events = 250;
        var seen = Enumerable.Range(0, 3).Select(static _ => new List<long>()).ToArray();
        var builder = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock);
        for (var i = 0; i < seen.Length; i++)
        {
            var (capacity, own) = (1 << i, seen[i]);
            builder.Handle<int>(
                (number, context, _) =>
                {
                    own.Add(context.Sequence!.Value);
                    return number % 5 == 0 ? Later() : default;
                },
                s => s.Named($"with-room-for-{capacity}").Durable().Capacity(capacity));
        }

        await using var bus = builder.Build();

        await Task.WhenAll(Enumerable.Range(0, publishers).Select(_ => Task.Run(async () =>
        {
            for (var number = 0; number < events; number++)
                await bus.PublishAsync(number);
        })));
        await bus.WhenSettled();

        Assert.All(seen, static own => Assert.Equal(Enumerable.Range(1, publishers * events).Select(static number => (long)number), own));
    }

    [Fact]
    public async Task A_pause_that_lets_a_subscription_fall_behind_costs_nothing()
    {
        const int rounds = 200;
        var seen = new List<long>();
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (_, context, _) =>
                {
                    seen.Add(context.Sequence!.Value);
                    return default;
                },
                static s => s.Named("pauses").Durable().Capacity(2))
            .Build();

        for (var round = 0; round < rounds; round++)
        {
            bus.Subscriptions[0].Pause();
            var publishing = Task.Run(async () =>
            {
                for (var i = 0; i < 5; i++)
                    await bus.PublishAsync(i);
            });
            if (round % 2 == 0)
                await publishing;
            bus.Subscriptions[0].Resume();
            await publishing;
        }

        await bus.WhenSettled();
        Assert.Equal(Enumerable.Range(1, rounds * 5).Select(static number => (long)number), seen);
    }

    [Fact]
    public async Task Its_statistics_tell_the_oldest_event_that_is_not_settled_read_or_not()
    {
        var held = new HeldHandler();
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, context, _) => number switch
                {
                    2 when context.Attempt == 1 => throw new InvalidOperationException(),
                    3 => held.HoldAsync(),
                    _ => default,
                },
                static s => s.Named("facts").Durable().Capacity(1).Retry(RetryPolicy.Fixed(2, TimeSpan.FromMinutes(1))))
            .Build();
        var facts = bus.Subscriptions[0];

        await bus.PublishAsync(1);
        await bus.WhenSettled();
        Assert.Equal((0, 0), (facts.Statistics.OldestUnsettled, facts.Statistics.Lag));
        await bus.PublishAsync(2);
        await bus.WhenQuiet();
        Assert.Equal(2, facts.Statistics.OldestUnsettled);
        await bus.PublishAsync(3);
        await held.Entered;
        await bus.PublishAsync(4);
        Assert.Equal((2, 1), (facts.Statistics.OldestUnsettled, facts.Statistics.Lag));
        held.Open();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();
        Assert.Equal((0, 0), (facts.Statistics.OldestUnsettled, facts.Statistics.Lag));

        facts.Pause();
        await bus.PublishAsync(5);
        await bus.PublishAsync(6);
        Assert.Equal(5, facts.Statistics.OldestUnsettled);
        facts.Resume();
        await bus.WhenSettled();
    }

    [Fact]
    public async Task Slow_handlers_do_not_keep_the_others_of_their_subscription_from_work()
    {
        const int concurrency = 8;
        var slow = new HeldHandler(concurrency - 1);
        var quick = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, _, _) =>
                {
                    if (number < concurrency - 1)
                        return slow.HoldAsync();
                    if (Interlocked.Increment(ref quick) == 100)
                        all.SetResult();
                    return default;
                },
                static s => s.Named("facts").Durable().Concurrency(concurrency).Capacity(concurrency))
            .Build();

        for (var number = 0; number < concurrency - 1 + 100; number++)
            await bus.PublishAsync(number);
        await slow.Entered;
        await all.Task.Soon();

        slow.Open();
        await bus.WhenSettled();
    }

    [Fact]
    public async Task One_slow_delivery_gets_a_row_so_that_the_position_can_pass_it()
    {
        var slow = new HeldHandler();
        var quick = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, _, _) =>
                {
                    if (number == 0)
                        return slow.HoldAsync();
                    if (Interlocked.Increment(ref quick) == 1000)
                        all.SetResult();
                    return default;
                },
                static s => s.Named("facts").Durable().Concurrency(2).Capacity(4))
            .Build();
        for (var number = 0; number <= 1000; number++)
            await bus.PublishAsync(number);
        await slow.Entered;
        await all.Task.Soon();
        await bus.PublishAsync(1001);

        Assert.Equal(1, Assert.Single(_log.ReadDeliveries("facts")).Sequence);
        Assert.InRange(Assert.Single(_log.ReadSubscriptions()).Position, 900, 1002);

        var again = new List<int>();
        await using var another = new EventBusBuilder()
            .UseEventLog(_log.Share())
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, _, _) =>
                {
                    again.Add(number);
                    return default;
                },
                static s => s.Named("facts").Durable())
            .Build();
        await another.StartAsync();
        await another.WhenSettled();
        Assert.Contains(0, again);
        slow.Open();
        await bus.StopAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_slow_delivery_holds_up_its_key_alone_however_many_other_events_are_logged_behind_it()
    {
        const int others = 40_000, page = 4_000, slow = 3;
        var held = new HeldHandler(slow);
        var quick = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .AddEvent<string>(static e => e.Logged())
            .Handle<int>(
                (number, _, _) =>
                {
                    if (number < slow)
                        return held.HoldAsync();
                    if (Interlocked.Increment(ref quick) == 100)
                        all.SetResult();
                    return default;
                },
                static s => s.Named("facts").Durable().OrderedBy(static number => number).Concurrency(4))
            .Build();
        await bus.PublishManyAsync(Enumerable.Range(0, slow).ToArray());
        await held.Entered;

        for (var logged = 0; logged < others; logged += page)
            await bus.PublishManyAsync(Enumerable.Range(0, page).Select(static _ => "of another type").ToArray());
        for (var number = slow; number < slow + 100; number++)
            await bus.PublishAsync(number);
        await all.Task.Soon();
        await bus.EventLog.DeleteSubscriptionAsync("nobody");
        await bus.EventLog.DeleteSubscriptionAsync("nobody");

        var position = Assert.Single(_log.ReadSubscriptions()).Position;
        var stored = _log.ReadDeliveries("facts");
        held.Open();
        await bus.WhenSettled();

        Assert.InRange(position, others, long.MaxValue);
        Assert.Equal([1L, 2, 3], stored.Select(static delivery => delivery.Sequence));
    }

    [Fact]
    public async Task A_slow_delivery_holds_up_its_key_alone_however_many_events_of_that_key_are_behind_it()
    {
        const int capacity = 8, own = 500, quick = 20;
        var held = new HeldHandler();
        var handled = new List<int>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IEventBus bus = null!;
        await using var built = bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                async (number, _, _) =>
                {
                    if (number == 0)
                        await held.HoldStillAsync(bus);
                    lock (handled)
                    {
                        handled.Add(number);
                        if (number == own + quick)
                            all.SetResult();
                    }
                },
                static s => s.Named("facts").Durable().OrderedBy(static number => number <= own ? 0 : number).Concurrency(4).Capacity(capacity))
            .Build();
        await bus.PublishAsync(0);
        await held.Entered;

        await bus.PublishManyAsync(Enumerable.Range(1, own).ToArray());
        await bus.PublishManyAsync(Enumerable.Range(own + 1, quick).ToArray());
        for (var seconds = 0; seconds < 10 && !all.Task.IsCompleted; seconds++)
        {
            await bus.WhenStill();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await all.Task.Soon();
        await bus.WhenStill();
        var statistics = bus.Subscriptions[0].Statistics;
        held.Open();
        await bus.WhenSettled();

        Assert.Equal((own + 1, 0L), (statistics.Waiting, statistics.Lag));
        Assert.InRange(statistics.Waiting - statistics.Parked, 1, capacity);
        Assert.Equal(Enumerable.Range(0, own + 1), handled.Where(static number => number <= own));
        Assert.Equal(own + quick + 1, handled.Count);
    }

    [Fact]
    public async Task Behind_as_many_waiting_deliveries_as_it_may_have_it_reads_no_further_also_where_they_wait_for_a_slow_one()
    {
        const int capacity = 8, maxParked = 30;
        var held = new HeldHandler();
        var handled = 0;
        IEventBus bus = null!;
        await using var built = bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                async (number, _, _) =>
                {
                    if (number == 0)
                        await held.HoldStillAsync(bus);
                    Interlocked.Increment(ref handled);
                },
                static s => s.Named("facts").Durable().OrderedBy(static _ => 0).Concurrency(4).Capacity(capacity).MaxParked(maxParked))
            .Build();
        await bus.PublishManyAsync(Enumerable.Range(0, 200).ToArray());
        await held.Entered;

        for (var seconds = 0; seconds < 10; seconds++)
        {
            await bus.WhenStill();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await bus.WhenStill();
        await bus.EventLog.DeleteSubscriptionAsync("nobody");
        var (waiting, stored) = (bus.Subscriptions[0].Statistics.Waiting, _log.ReadDeliveries("facts").Count);
        held.Open();
        await bus.WhenSettled();

        Assert.Equal(200, handled);
        Assert.InRange(waiting, maxParked, maxParked + capacity);
        Assert.InRange(stored, maxParked, maxParked + capacity);
    }

    [Fact]
    public async Task With_as_many_waiting_deliveries_as_it_may_have_it_reads_no_further_says_so_and_goes_on_later()
    {
        var failing = true;
        var handled = new List<int>();
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new SignallingLog(static line => line.Contains("reads no further", StringComparison.Ordinal), said);
        await using var provider = new ServiceCollectionWithLog(lines).Build(builder => builder
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, _, _) =>
                {
                    if (Volatile.Read(ref failing))
                        throw new InvalidOperationException();
                    handled.Add(number);
                    return default;
                },
                static s => s.Named("facts").Durable().Capacity(2).MaxParked(5).Retry(RetryPolicy.Fixed(2, TimeSpan.FromMinutes(1)))));
        var bus = provider.Bus;

        for (var number = 0; number < 50; number++)
            await bus.PublishAsync(number);
        await said.Task.Soon();
        await bus.WhenQuiet();
        var statistics = bus.Subscriptions[0].Statistics;
        Assert.InRange(statistics.Waiting, 5, 5 + 2);
        Assert.Equal(50 - statistics.Waiting, statistics.Lag);

        Volatile.Write(ref failing, false);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();
        Assert.Equal(Enumerable.Range(0, 50), handled.Order());
        Assert.Single(lines.Lines, static line => line.Contains("reads no further", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_retry_budget_lets_every_retry_come_in_its_turn()
    {
        var handled = new List<int>();
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, context, _) =>
                {
                    if (context.Attempt == 1)
                        throw new InvalidOperationException();
                    handled.Add(number);
                    return default;
                },
                static s => s.Named("facts").Durable().Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(1))).RetryBudget(1))
            .Build();
        for (var number = 0; number < 5; number++)
            await bus.PublishAsync(number);
        await bus.WhenQuiet();

        for (var second = 0; second < 5; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await bus.WhenQuiet();
        }

        Assert.Equal([0, 1, 2, 3, 4], handled.Order());
    }

    public void Dispose() => _log.Dispose();

    private static async ValueTask Later() => await Task.Yield();
}
