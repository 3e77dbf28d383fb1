using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>What a handler publishes comes to no subscription before the event that it handles: with room, without room, at any distance.</summary>
public sealed class CauseBeforeEffectTests
{
    private readonly List<string> _seen = [];
    private readonly HeldHandler _held = new();

    public enum Order
    {
        /// <summary>One worker, no keys.</summary>
        OneWorker,

        /// <summary>By key, and the queue has no room.</summary>
        ByKey,

        /// <summary>By key, and the key has used up its share.</summary>
        ByShare,
    }

    [Theory]
    [InlineData(Order.OneWorker, DeliveryMode.Queued)]
    [InlineData(Order.OneWorker, DeliveryMode.Durable)]
    [InlineData(Order.ByKey, DeliveryMode.Queued)]
    [InlineData(Order.ByKey, DeliveryMode.Durable)]
    [InlineData(Order.ByShare, DeliveryMode.Queued)]
    [InlineData(Order.ByShare, DeliveryMode.Durable)]
    public async Task What_follows_from_an_event_whose_publisher_waits_for_room_comes_behind_it(Order order, DeliveryMode mode)
    {
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = Bus(order, builder => builder
            .In(mode)
            .Handle<Fact>((fact, context, token) => PublishAsync(fact, context, new Effect(fact.Number), published, token), s => s.In(mode, "reaction")));

        var waiting = await FillAsync(bus);
        await published.Task.Soon();
        Assert.False(waiting.IsCompleted);
        _held.Open();
        await waiting.Soon();
        await bus.WhenSettled();

        Assert.Equal(["fact 0", "fact 1", "fact 2", "effect 2"], _seen);
    }

    [Theory]
    [InlineData(Order.OneWorker)]
    [InlineData(Order.ByKey)]
    [InlineData(Order.ByShare)]
    public async Task So_does_what_follows_from_it_at_a_distance(Order order)
    {
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = Bus(order, builder => builder
            .Handle<Fact>(static (fact, context, token) => fact.Number == 2 ? context.Publisher.PublishAsync(new Step(2), token) : default, static s => s.Named("first"))
            .Handle<Step>((step, context, token) => PublishAsync(new Fact(step.Number), context, new Effect(step.Number), published, token), static s => s.Named("second")));

        var waiting = await FillAsync(bus);
        await published.Task.Soon();
        _held.Open();
        await waiting.Soon();
        await bus.WhenSettled();

        Assert.Equal(["fact 0", "fact 1", "fact 2", "effect 2"], _seen);
    }

    [Theory]
    [InlineData(Order.OneWorker)]
    [InlineData(Order.ByKey)]
    [InlineData(Order.ByShare)]
    public async Task What_stands_behind_a_publisher_that_gives_up_comes_in_all_the_same(Order order)
    {
        using var cancellation = new CancellationTokenSource();
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = Bus(order, builder => builder
            .Handle<Fact>((fact, context, token) => PublishAsync(fact, context, new Effect(fact.Number), published, token), static s => s.Named("reaction")));
        var waiting = await FillAsync(bus, cancellation.Token);
        await published.Task.Soon();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Soon());
        _held.Open();
        await bus.WhenSettled();

        Assert.Equal(["fact 0", "fact 1", "effect 2"], _seen);
        Assert.Equal((3, 3, 1), (Projection(bus).Accepted, Projection(bus).Handled, Projection(bus).Missed));
    }

    [Theory]
    [InlineData(Order.OneWorker)]
    [InlineData(Order.ByKey)]
    [InlineData(Order.ByShare)]
    public async Task A_stop_names_what_stands_behind_a_publisher_that_it_lets_go_and_the_next_start_goes_on_with_it(Order order)
    {
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = Bus(order, builder => builder
            .Handle<Fact>((fact, context, token) => PublishAsync(fact, context, new Effect(fact.Number), published, token), static s => s.Named("reaction")));
        var waiting = await FillAsync(bus);
        await published.Task.Soon();

        var receipt = await bus.StopAsync(TimeSpan.Zero).AsTask().Soon();
        await Assert.ThrowsAsync<EventBusStoppedException>(() => waiting.Soon());
        Assert.Equal(3, receipt.Subscriptions.Single(static left => left.Name == "projection").Abandoned.Count);
        _held.Open();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal(["fact 0", "fact 1", "effect 2"], _seen);
    }

    [Theory]
    [InlineData(Order.OneWorker)]
    [InlineData(Order.ByKey)]
    public async Task A_subscription_that_ends_counts_what_stood_behind_a_publisher_as_dropped(Order order)
    {
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = Bus(order, builder => builder
            .Handle<Fact>((fact, context, token) => PublishAsync(fact, context, new Effect(fact.Number), published, token), static s => s.Named("reaction")));
        var projection = bus.Subscriptions.Single(static subscription => subscription.Name == "projection");
        var waiting = await FillAsync(bus);
        await published.Task.Soon();

        var ending = projection.DisposeAsync().AsTask();
        _held.Open();
        await ending.Soon();
        await waiting.Soon();

        Assert.Equal((3, 1, 2), (projection.Statistics.Accepted, projection.Statistics.Handled, projection.Statistics.Dropped));
    }

    [Fact]
    public async Task What_a_handler_publishes_waits_until_its_cause_has_its_place_in_every_queue()
    {
        const int events = 200;
        using var begun = new SemaphoreSlim(0);
        await using var bus = new EventBusBuilder()
            .Handle<Fact>(
                (fact, context, token) =>
                {
                    begun.Release();
                    return context.Publisher.PublishAsync(new Effect(fact.Number), token);
                },
                static s => s.Named("reaction"))
            .Handle<IOfOrder>(
                (one, _, _) =>
                {
                    _seen.Add($"{one}");
                    return default;
                },
                s => s.Named("projection").OrderedBy(one =>
                {
                    // The publisher is between two queues, and the first has handed the event to its handler.
                    if (one is Fact)
                        begun.Wait();
                    return "key";
                }).MaxPerKey(1024))
            .Build();

        for (var number = 0; number < events; number++)
        {
            await bus.PublishAsync(new Fact(number));
            await bus.WhenSettled();
        }

        Assert.Equal(Enumerable.Range(0, events).SelectMany(static number => new[] { $"fact {number}", $"effect {number}" }), _seen);
    }

    [Fact]
    public async Task What_stands_behind_publishers_gives_way_where_nothing_else_could_move()
    {
        var clock = new FakeTimeProvider();
        var reserved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<Fact>((fact, context, token) => PublishAsync(fact, context, new Effect(fact.Number), reserved, token), static s => s.Named("reaction"))
            .Handle<object>(
                async (one, context, token) =>
                {
                    lock (_seen)
                        _seen.Add($"{one}");
                    if (one is not Step step)
                        return;
                    if (step.Number == 0)
                        await _held.HoldAsync();
                    await context.Publisher.PublishAsync(new Effect(100 + step.Number), token);
                },
                static s => s.Named("full").Capacity(1).Reserve(1))
            .Build();
        await bus.PublishAsync(new Step(0));
        await _held.Entered;
        await bus.PublishAsync(new Step(1));
        var waiting = new[] { bus.PublishAsync(new Step(2)).AsTask(), bus.PublishAsync(new Fact(2)).AsTask() };
        await reserved.Task.Soon();

        // Whoever is in the queue now finds no room for what it publishes, and the event that holds the reserve stands behind those who wait for the queue to move.
        _held.Open();
        for (var seconds = 0; seconds < 200 && !bus.IsSettled(); seconds++)
        {
            await bus.WhenQuiet();
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await Task.WhenAll(waiting).Soon();
        await bus.WhenSettled();
        Assert.Equal(["effect 100", "effect 101", "effect 102", "effect 2", "fact 2"], _seen.Where(static one => !one.StartsWith("step", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    private static async ValueTask PublishAsync(Fact fact, EventContext context, Effect effect, TaskCompletionSource published, CancellationToken cancellationToken)
    {
        if (fact.Number != 2)
            return;
        await context.Publisher.PublishAsync(effect, cancellationToken);
        published.TrySetResult();
    }

    private static SubscriptionStatistics Projection(IEventBus bus) => bus.Subscriptions.Single(static subscription => subscription.Name == "projection").Statistics;

    /// <summary>Publishes fact 0, which the projection holds, fact 1, which fills it, and fact 2, whose publisher waits.</summary>
    private async Task<Task> FillAsync(IEventBus bus, CancellationToken cancellationToken = default)
    {
        await bus.PublishAsync(new Fact(0), CancellationToken.None);
        await _held.Entered;
        await bus.PublishAsync(new Fact(1), CancellationToken.None).AsTask().Soon();
        return bus.PublishAsync(new Fact(2), cancellationToken).AsTask();
    }

    private IEventBus Bus(Order order, Action<EventBusBuilder> more)
    {
        var builder = new EventBusBuilder();
        more(builder);
        return builder
            .Handle<IOfOrder>(
                (one, _, _) =>
                {
                    lock (_seen)
                        _seen.Add($"{one}");
                    return one is Fact { Number: 0 } ? _held.HoldAsync() : default;
                },
                s =>
                {
                    s.Named("projection").Capacity(order == Order.ByShare ? 8 : 1);
                    if (order == Order.ByKey)
                        s.OrderedBy(static _ => "key").Concurrency(2).MaxPerKey(1);
                    else if (order == Order.ByShare)
                        s.OrderedBy(static _ => "key").Concurrency(2).MaxPerKey(1);
                })
            .Build();
    }

    internal interface IOfOrder
    {
        int Number { get; }
    }

    internal sealed record Fact(int Number) : IOfOrder
    {
        public override string ToString() => $"fact {Number}";
    }

    internal sealed record Effect(int Number) : IOfOrder
    {
        public override string ToString() => $"effect {Number}";
    }

    internal sealed record Step(int Number)
    {
        public override string ToString() => $"step {Number}";
    }
}
