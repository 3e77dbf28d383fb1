using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.History;

public sealed class HistoryTests
{
    [Fact]
    public async Task It_knows_what_was_published_in_order()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts());

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();
        await bus.PublishAsync(new OrderPlaced("2"));
        await bus.WhenIdleAsync();

        Assert.Equal<IOrderEvent>([new OrderPlaced("1"), new ReceiptSent("1"), new OrderPlaced("2"), new ReceiptSent("2")], bus.History.Published<IOrderEvent>());
    }

    [Fact]
    public async Task It_knows_who_handled_what_in_which_order()
    {
        var first = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus.Hears("orders", (order, _) => order.Number == "1" ? new(first.Task) : default, static s => s.Concurrency(2)));

        await bus.PublishAsync(new OrderPlaced("1"));
        var second = await bus.StimulateAsync(new OrderPlaced("2"));
        await bus.WhenIdleAsync(second);
        first.SetResult();
        await bus.WhenIdleAsync();

        Assert.Equal([new OrderPlaced("2"), new OrderPlaced("1")], bus.History.HandledBy<OrderPlaced>("orders"));
    }

    [Fact]
    public async Task Asked_for_a_subscription_that_got_nothing_it_names_those_that_did()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("orders").Hears("stock"));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        var error = Assert.Throws<ExpectationFailedException>(() => bus.History.HandledBy<OrderPlaced>("order"));

        Assert.Equal("Nothing was delivered to a subscription 'order'. There were deliveries to: orders, stock.", error.Message);
    }

    [Fact]
    public async Task It_knows_what_failed_was_retried_and_was_given_up()
    {
        await using var bus = TestBus.Create(static bus => bus
            .Hears("good")
            .Hears("once", Failing(1), static s => s.Retry(Shop.EverySecond()))
            .Hears("always", Failing(9), static s => s.Retry(Shop.EverySecond())));
        await bus.PublishAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(["once", "always"], bus.History.Failed().Select(static delivery => delivery.Subscription));
        Assert.Equal(["once", "always"], bus.History.Retried().Select(static delivery => delivery.Subscription));
        Assert.Equal(["always"], bus.History.DeadLettered().Select(static delivery => delivery.Subscription));
        Assert.Empty(bus.History.DeadLettered("once"));
        Assert.Equal(2, bus.History.Failed("once")[0].Attempts.Count);
    }

    [Fact]
    public async Task It_knows_what_led_to_what()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts().SendsParcels());

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        var order = bus.History.Of(new OrderPlaced("1"));
        var parcel = bus.History.Of(new ParcelSent("1"));
        Assert.Null(order.Cause);
        Assert.Equal(new ReceiptSent("1"), Assert.Single(order.Effects).Event);
        Assert.Equal(new ReceiptSent("1"), parcel.Cause!.Event);
        Assert.Equal([new ParcelSent("1")], order.Caused<ParcelSent>());
        Assert.Equal(order.Metadata.Id, parcel.Metadata.CorrelationId);
    }

    [Fact]
    public async Task It_knows_what_became_of_deliveries_that_no_handler_got()
    {
        var gate = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus
            .Hears("picky", static s => s.Where(static order => order.Total > 100))
            .Hears("once", static s => s.Idempotent())
            .Hears("small", (_, _) => new(gate.Task), static s => s.Capacity(1).WhenFull(QueueFullMode.DropNewest)));

        var running = await bus.StimulateAsync(new OrderPlaced("1"), new() { Id = "a" });
        await bus.WhenRunning("small");
        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "b" });
        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "c" });
        gate.SetResult();
        await bus.WhenIdleAsync();
        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "a" });
        await bus.WhenIdleAsync();

        Assert.Equal(DeliveryState.Filtered, running.To("picky").State);
        Assert.Equal(DeliveryState.Dropped, bus.History.Events[2].To("small").State);
        Assert.Equal(DeliveryState.Duplicate, bus.History.Events[3].To("once").State);
    }

    [Fact]
    public async Task It_knows_what_expired()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("orders"));
        await bus.StartAsync();
        bus.Subscriptions[0].Pause();
        await bus.PublishAsync(new OrderPlaced("1"), new() { TimeToLive = TimeSpan.FromSeconds(1) });

        await bus.AdvanceAsync(TimeSpan.FromSeconds(2));
        bus.Subscriptions[0].Resume();
        await bus.WhenIdleAsync();

        Assert.Equal(DeliveryState.Expired, bus.History.Events[0].To("orders").State);
    }

    [Fact]
    public async Task It_knows_what_was_left_when_a_subscription_ended()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("orders", static s => s.StartPaused()));
        await bus.PublishAsync(new OrderPlaced("1"), new() { CorrelationId = "c" });

        await bus.Subscriptions[0].DisposeAsync();
        await bus.WhenIdleAsync("c");

        Assert.Equal(DeliveryState.Dropped, bus.History.Events[0].To("orders").State);
    }

    [Fact]
    public async Task An_event_that_a_subscription_refused_was_not_published()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("full", static s => s.Capacity(1).WhenFull(QueueFullMode.Reject).StartPaused()));
        await bus.PublishAsync(new OrderPlaced("1"));

        await Assert.ThrowsAsync<QueueFullException>(async () => await bus.PublishAsync(new OrderPlaced("2")));

        Assert.Equal([new OrderPlaced("1")], bus.History.Published<OrderPlaced>());
        Assert.IsType<QueueFullException>(bus.History.Of(new OrderPlaced("2")).PublishError);
        Assert.Empty(bus.History.Of(new OrderPlaced("2")).Deliveries);
    }

    [Fact]
    public async Task A_publisher_that_gave_up_waiting_for_room_is_in_the_history()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("full", static s => s.Capacity(1).StartPaused()));
        await bus.PublishAsync(new OrderPlaced("1"));
        using var cancellation = new CancellationTokenSource();

        var waiting = bus.PublishAsync(new OrderPlaced("2"), cancellation.Token).AsTask();
        await bus.WhenIdleAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        Assert.Empty(bus.History.Of(new OrderPlaced("2")).Deliveries);
        Assert.Single(bus.History.Published<OrderPlaced>());
    }

    [Fact]
    public async Task An_inline_failure_is_its_publishers_and_the_event_was_published()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("inline", Failing(9), static s => s.Inline()).Hears("second", static s => s.Inline()));

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync(new OrderPlaced("1")));

        var order = bus.History.Of(new OrderPlaced("1"));
        Assert.Single(bus.History.Published<OrderPlaced>());
        Assert.IsType<InvalidOperationException>(order.PublishError);
        Assert.Equal((DeliveryState.Failed, DeliveryState.Handled), (order.To("inline").State, order.To("second").State));
    }

    [Fact]
    public async Task A_durable_event_that_was_published_twice_is_delivered_once()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable()));

        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "a", CorrelationId = "c" });
        await bus.WhenIdleAsync("c");
        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "a", CorrelationId = "c" });
        await bus.WhenIdleAsync("c");

        Assert.Single(bus.History.HandledBy<OrderPlaced>("stock"));
        Assert.Empty(bus.History.Events[1].Deliveries);
    }

    [Fact]
    public async Task A_replay_is_another_delivery()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable()));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        await bus.EventLog.ReplayAsync("stock", LogPosition.Earliest);
        await bus.WhenIdleAsync();

        Assert.Equal([false, true], bus.History.Events[0].Deliveries.Select(static delivery => delivery.IsReplay));
        Assert.All(bus.History.Events[0].Deliveries, static delivery => Assert.Equal(DeliveryState.Handled, delivery.State));
    }

    [Fact]
    public async Task It_forgets_what_is_over_when_it_is_told_to()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("orders").Hears("failing", Failing(1), static s => s.Retry(Shop.EverySecond())));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));
        await bus.PublishAsync(new ReceiptSent("1"));

        bus.History.Clear();
        await bus.PublishAsync(new OrderPlaced("2"));
        await bus.WhenIdleAsync();

        Assert.Equal([new OrderPlaced("2")], bus.History.Published<object>());
        Assert.Equal([new OrderPlaced("2")], bus.History.HandledBy<OrderPlaced>("orders"));
    }

    private static Func<OrderPlaced, CancellationToken, ValueTask> Failing(int times)
    {
        var calls = 0;
        return (_, _) => Interlocked.Increment(ref calls) <= times ? throw new InvalidOperationException("no stock") : default;
    }
}
