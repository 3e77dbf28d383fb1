using System.Diagnostics.Metrics;
using EventBus.Storage;
using EventBus.Telemetry.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.Telemetry.Tests;

/// <summary>The metrics say what the bus did, and stay few.</summary>
public sealed class MetricTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Every_attempt_is_measured_by_event_subscription_and_kind_of_failure()
    {
        using var exported = Exported.Metrics();
        await using var bus = Bus("shop")
            .Handle<OrderPlaced>(static (_, context, _) => context.Attempt == 1 ? throw new TimeoutException() : default, static s => s.Named("mail").Retry(RetryPolicy.Immediate(2)))
            .Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("audit").Inline())
            .Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        var points = Of(exported, "shop", "messaging.process.duration");
        Assert.All(points, static point => Assert.Equal(("s", "order-placed", "process", "eventbus"), (point.Unit, point["messaging.destination.name"], point["messaging.operation.name"], point["messaging.system"])));
        Assert.Equal(
            [("audit", "", 1), ("mail", "", 1), ("mail", "System.TimeoutException", 1)],
            points.Select(static point => (point["messaging.destination.subscription.name"], point["error.type"], (int)point.Value)).Order());
    }

    [Fact]
    public async Task Every_publish_is_counted_also_of_several_events_and_those_that_are_refused()
    {
        using var exported = Exported.Metrics();
        await using var bus = Bus("shop").Handle<OrderPlaced>(static (_, _, _) => default, static s => s.StartPaused().Capacity(3).WhenFull(QueueFullMode.Reject)).Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await Assert.ThrowsAsync<PublishManyException>(async () => await bus.PublishManyAsync([new OrderPlaced("2"), new OrderPlaced("3"), new OrderPlaced("4")]));
        await bus.PublishAsync(new PaymentTaken("1"));

        Assert.Equal(
            [("order-placed", "", 3), ("order-placed", "EventBus.QueueFullException", 1), ("payment-taken", "", 1)],
            Of(exported, "shop", "messaging.client.sent.messages").Select(static point => (point["messaging.destination.name"], point["error.type"], (int)point.Value)).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_several_events_only_those_count_as_failed_that_failed(bool isDurable)
    {
        using var exported = Exported.Metrics();
        await using var bus = Bus("shop").UseEventLog(new InMemoryEventLog())
            .AddEvent<OrderPlaced>(e => Log(e, isDurable))
            .Handle<OrderPlaced>(static (order, _, _) => order.Number == "2" ? throw new TimeoutException() : default, static s => s.Named("audit").Inline())
            .Build();

        await Assert.ThrowsAsync<AggregateException>(async () => await bus.PublishManyAsync([new OrderPlaced("1"), new OrderPlaced("2"), new OrderPlaced("3")]));

        Assert.Equal(
            [("", 2), ("System.TimeoutException", 1)],
            Of(exported, "shop", "messaging.client.sent.messages").Select(static point => (point["error.type"], (int)point.Value)).Order());
    }

    [Fact]
    public async Task What_a_stopped_bus_refuses_is_counted_too()
    {
        using var exported = Exported.Both();
        await using var bus = Bus("shop").Handle<OrderPlaced>(static (_, _, _) => default).Build();
        await bus.StopAsync();

        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.PublishAsync(new OrderPlaced("1")));

        Assert.Equal(("EventBus.EventBusStoppedException", 1), Assert.Single(Of(exported, "shop", "messaging.client.sent.messages").Select(static point => (point["error.type"], (int)point.Value))));
        Assert.Equal("EventBus.EventBusStoppedException", exported.One("publish order-placed").Tag("error.type"));
    }

    [Fact]
    public async Task What_became_of_deliveries_is_read_from_the_numbers_that_the_bus_keeps_anyway()
    {
        await using var bus = Bus("shop")
            .Handle<OrderPlaced>(static (_, _, _) => throw new InvalidOperationException(), static s => s.Named("fails").Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(1))))
            .Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("skips").Where(static order => order.Number != "1"))
            .Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("waits").StartPaused().Capacity(1).WhenFull(QueueFullMode.DropNewest))
            .Build();
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenQuiet();

        // Nobody listened so far.
        using var exported = Exported.Metrics();
        var parked = exported.Collect();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenQuiet();
        var now = exported.Collect();

        Assert.Equal((2, 0), (Value(parked, "fails", "eventbus.subscription.parked"), Value(now, "fails", "eventbus.subscription.parked")));
        Assert.Equal((2, 0), (Value(parked, "fails", "eventbus.subscription.waiting"), Value(now, "fails", "eventbus.subscription.waiting")));
        Assert.Equal(2, Value(now, "fails", "eventbus.subscription.retries"));
        Assert.Equal(4, Value(now, "fails", "messaging.client.consumed.messages"));
        Assert.Equal(2, Value(now, "fails", "eventbus.subscription.settled", "dead_lettered"));
        Assert.Equal(2, Value(now, "skips", "eventbus.subscription.settled", "filtered"));
        Assert.Equal(0, Value(now, "skips", "messaging.client.consumed.messages"));
        Assert.Equal(1, Value(now, "waits", "eventbus.subscription.settled", "dropped"));
        Assert.Equal(1, Value(now, "waits", "eventbus.subscription.waiting"));
    }

    [Fact]
    public async Task A_durable_subscription_tells_how_far_behind_it_is()
    {
        using var exported = Exported.Metrics();
        await using var bus = Bus("shop").UseEventLog(new InMemoryEventLog())
            .Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("slow").Durable().StartPaused().Capacity(1))
            .Build();

        for (var number = 0; number < 5; number++)
            await bus.PublishAsync(new OrderPlaced($"{number}"));
        await bus.WhenQuiet();

        var statistics = Assert.Single(bus.Subscriptions).Statistics;
        Assert.True(statistics.Lag > 0);
        Assert.Equal((statistics.Lag, 1), ((long)Value(exported.Collect(), "slow", "eventbus.subscription.lag"), Value(exported.Collect(), "slow", "eventbus.subscription.oldest_unsettled")));
    }

    [Fact]
    public async Task A_measurement_leads_to_an_example_of_a_trace()
    {
        using var exported = Exported.Both();
        await using var bus = Bus("shop").Handle<OrderPlaced>(static (_, _, _) => default).Build();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        var trace = exported.One("publish order-placed").TraceId.ToHexString();
        Assert.Equal([trace], Assert.Single(Of(exported, "shop", "messaging.process.duration")).ExampleTraces);
        Assert.Equal([trace], Assert.Single(Of(exported, "shop", "messaging.client.sent.messages")).ExampleTraces);
    }

    [Theory]
    [InlineData("shop-orders", null, "shop-orders")]
    [InlineData("shop: orders", null, "default")]
    [InlineData("shop-orders", "shop-named", "shop-named")]
    public async Task A_bus_with_a_key_is_called_by_it_where_that_can_be_a_name(string key, string? given, string name)
    {
        using var exported = Exported.Metrics();
        await using var provider = new ServiceCollection()
            .AddEventBus(key, bus => (given is null ? bus : bus.Named(given)).Handle<OrderPlaced>(static (_, _, _) => default))
            .BuildServiceProvider();
        var bus = provider.GetRequiredKeyedService<IEventBus>(key);

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();

        // Another test's bus may have the name at the same time; then there is a number behind it.
        Assert.Contains(exported.Collect(), point => point["eventbus.name"].StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Buses_of_one_process_are_told_apart_and_their_names_are_used_again()
    {
        using var exported = Exported.Metrics();
        await using var first = await PublishedAsync();
        var second = await PublishedAsync();

        Assert.Equal(["shop", "shop-2"], NamesIn(exported));
        await second.DisposeAsync();
        exported.Collect();
        Assert.Equal(["shop"], NamesIn(exported));
        await using var third = await PublishedAsync();
        Assert.Equal(["shop", "shop-2"], NamesIn(exported));
    }

    [Fact]
    public async Task A_bus_that_nobody_disposed_is_not_kept_alive_by_its_metrics()
    {
        var forgotten = await ForgottenAsync();

        for (var attempt = 0; attempt < 10 && forgotten.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(forgotten.IsAlive);
    }

    [Fact]
    public async Task Kinds_of_failures_have_an_end()
    {
        using var exported = Exported.Metrics();
        var kinds = KindsOfFailure.Make(80);
        var next = 0;
        await using var bus = Bus("shop").Handle<OrderPlaced>((_, _, _) => throw (Exception)Activator.CreateInstance(kinds[next++])!, static s => s.Retry(RetryPolicy.None)).Build();

        for (var number = 0; number < kinds.Count; number++)
        {
            await bus.PublishAsync(new OrderPlaced($"{number}"));
            await bus.WhenSettled();
        }

        var points = Of(exported, "shop", "messaging.process.duration");
        Assert.Equal(51, points.Count);
        Assert.Equal(30, Assert.Single(points, static point => point["error.type"] == "_OTHER").Value);
    }

    [Fact]
    public async Task No_tag_of_a_metric_has_a_key_an_id_or_anything_else_without_end()
    {
        using var exported = Exported.Metrics();
        await using var bus = Bus("shop").UseEventLog(new InMemoryEventLog())
            .Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail").OrderedBy(static order => order.Number))
            .Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("stock").Durable().OrderedBy(static order => order.Number))
            .Build();

        for (var number = 0; number < 100; number++)
            await bus.PublishAsync(new OrderPlaced($"{number}"), new PublishOptions { Id = $"id-{number}", Key = $"key-{number}", CorrelationId = $"visit-{number}", Source = $"source-{number}" });
        await bus.WhenSettled();

        var points = exported.Collect().Where(static point => point["eventbus.name"] == "shop").ToList();
        Assert.All(points.GroupBy(static point => point.Metric), static metric => Assert.InRange(metric.Count(), 1, 2 * 7));
        Assert.Subset(
            new HashSet<string> { "eventbus.name", "eventbus.outcome", "eventbus.reason", "messaging.system", "messaging.operation.name", "messaging.destination.name", "messaging.destination.subscription.name" },
            points.SelectMany(static point => point.Tags.Keys).ToHashSet());
    }

    [Fact]
    public async Task A_stream_has_no_series_of_its_own_for_there_may_be_one_for_each_visitor()
    {
        using var exported = Exported.Metrics();
        await using var bus = Bus("shop").Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail")).Build();
        await using var visitor = bus.StreamAsync<OrderPlaced>().GetAsyncEnumerator();
        var next = visitor.MoveNextAsync();

        await bus.PublishAsync(new OrderPlaced("1"));
        Assert.True(await next);

        Assert.Equal(2, bus.Subscriptions.Count);
        Assert.Equal(["mail"], exported.Collect().Where(static point => point["eventbus.name"] == "shop").Select(static point => point["messaging.destination.subscription.name"]).Where(static name => name.Length > 0).Distinct());
    }

    [Fact]
    public async Task Subscriptions_without_a_name_that_come_and_go_leave_no_series_each()
    {
        using var exported = Exported.Metrics();
        await using var bus = Bus("shop").Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Named("mail")).Build();

        for (var visitor = 0; visitor < 20; visitor++)
        {
            await using var page = bus.Subscribe<OrderPlaced>(static (_, _, _) => default);
            using var screen = bus.AsObservable<OrderPlaced>().Subscribe(new Blind());
            await bus.PublishAsync(new OrderPlaced($"{visitor}"));
            await bus.WhenSettled();
            exported.Collect();
        }

        await using var named = bus.Subscribe<OrderPlaced>(static (_, _, _) => default, static s => s.Named("live"));
        await bus.PublishAsync(new OrderPlaced("last"));
        await bus.WhenSettled();
        var points = exported.Collect().Where(static point => point["eventbus.name"] == "shop").ToList();
        Assert.Equal(
            [("live", 1), ("mail", 21), ("order-placed-*", 40)],
            points.Where(static point => point.Metric == "messaging.process.duration").Select(static point => (point["messaging.destination.subscription.name"], (int)point.Value)).Order());
        Assert.Equal(
            ["live", "mail"],
            points.Where(static point => point.Metric == "eventbus.subscription.waiting").Select(static point => point["messaging.destination.subscription.name"]).Order());
    }

    [Fact]
    public async Task Who_makes_meters_can_tell_whose_they_are()
    {
        using var factory = new NoMeters();
        Instrument? found = null;
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => found = ReferenceEquals(instrument.Meter.Scope, factory) ? instrument : found };
        listener.Start();

        await using var bus = new Microsoft.Extensions.DependencyInjection.ServiceCollection().BuildBus(factory);

        Assert.Equal("EventBus", found?.Meter.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("shop\n")]
    public void A_name_that_is_none_is_refused(string name)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new EventBusBuilder().Named(name));

        Assert.Contains("1 to 100 characters of A-Z a-z 0-9 . _ -", refusal.Message, StringComparison.Ordinal);
    }

    private static List<Point> Of(Exported exported, string bus, string metric) =>
        [.. exported.Collect().Where(point => point.Metric == metric && point["eventbus.name"] == bus)];

    private static int Value(IReadOnlyList<Point> points, string subscription, string metric, string outcome = "") =>
        (int)Assert.Single(points, point => point.Metric == metric && point["messaging.destination.subscription.name"] == subscription && point["eventbus.outcome"] == outcome).Value;

    private static List<string> NamesIn(Exported exported) =>
        [.. exported.Collect().Select(static point => point["eventbus.name"]).Where(static name => name.StartsWith("shop", StringComparison.Ordinal)).Distinct().Order()];

    private static async Task<IEventBus> PublishedAsync()
    {
        var bus = new EventBusBuilder().Named("shop").Handle<OrderPlaced>(static (_, _, _) => default).Build();
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenSettled();
        return bus;
    }

    private static void Log(EventTypeBuilder<OrderPlaced> @event, bool isLogged)
    {
        if (isLogged)
            @event.Logged();
    }

    private static async Task<WeakReference> ForgottenAsync()
    {
        var bus = new EventBusBuilder().Named("forgotten").Handle<OrderPlaced>(static (_, _, _) => default, static s => s.Inline()).Build();
        await bus.PublishAsync(new OrderPlaced("1"));
        return new WeakReference(bus);
    }

    private EventBusBuilder Bus(string name) => new EventBusBuilder().Named(name).UseTimeProvider(_clock);

    private sealed class Blind : IObserver<OrderPlaced>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(OrderPlaced value)
        {
        }
    }
}
