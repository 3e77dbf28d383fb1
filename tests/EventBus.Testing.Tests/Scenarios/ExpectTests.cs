using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.Scenarios;

public sealed class ExpectTests
{
    [Fact]
    public async Task An_expected_event_is_given_back_typed()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts().SendsParcels());

        await bus.PublishAsync(new OrderPlaced("1"));
        ParcelSent parcel = await bus.ExpectAsync<ParcelSent>(parcel => parcel.Number == "1");

        Assert.Equal(new ParcelSent("1"), parcel);
    }

    [Fact]
    public async Task Time_passes_until_an_expected_event_comes_and_no_further()
    {
        await using var bus = TestBus.Create(static bus => bus.Handle<OrderPlaced>(static async (order, context, _) =>
            await context.Publisher.ScheduleAsync(new ParcelSent(order.Number), TimeSpan.FromHours(2), cancellationToken: CancellationToken.None)));

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.ExpectAsync<ParcelSent>(within: TimeSpan.FromDays(1));

        Assert.Equal(TimeSpan.FromHours(2), bus.Clock.Elapsed);
    }

    [Fact]
    public async Task Without_a_time_given_no_time_passes()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts(static s => s.StartPaused()));
        await bus.ScheduleAsync(new ReceiptSent("1"), TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<ExpectationFailedException>(() => bus.ExpectAsync<ReceiptSent>());

        Assert.Equal(TimeSpan.Zero, bus.Clock.Elapsed);
    }

    [Fact]
    public async Task What_does_not_come_is_named_with_what_came_instead()
    {
        await using var bus = TestBus.Create(static bus => bus
            .SendsReceipts()
            .Handle<ReceiptSent>(static (_, _, _) => throw new InvalidOperationException("the lorry is broken"), static s => s.Named("parcels").Retry(Shop.EverySecond(2))));
        await bus.PublishAsync(new OrderPlaced("1"));

        var error = await Assert.ThrowsAsync<ExpectationFailedException>(() => bus.ExpectAsync<ParcelSent>(parcel => parcel.Number == "1", within: TimeSpan.FromMinutes(1)));

        Assert.Equal(
            Signals.Lines(
                "Expected ParcelSent for which parcel => parcel.Number == \"1\", and none was published within 00:01:00 of the bus's time.",
                "What came instead:",
                "OrderPlaced { Number = 1, Total = 10 }",
                "├─ receipts: handled",
                "└─ ReceiptSent { Number = 1 }",
                "   └─ parcels: dead-lettered, MaxAttemptsExceeded: the lorry is broken",
                "         attempt 1 at 00:00:00.000: InvalidOperationException: the lorry is broken",
                "         attempt 2 at 00:00:01.000: InvalidOperationException: the lorry is broken"),
            error.Message);
        Assert.Equal(TimeSpan.FromMinutes(1), bus.Clock.Elapsed);
    }

    [Fact]
    public async Task Events_of_the_type_that_do_not_fit_are_named()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts());
        await bus.PublishAsync(new OrderPlaced("1"));

        var error = await Assert.ThrowsAsync<ExpectationFailedException>(() => bus.ExpectAsync<ReceiptSent>(receipt => receipt.Number == "2"));

        Assert.StartsWith(
            Signals.Lines(
                "Expected ReceiptSent for which receipt => receipt.Number == \"2\", and none was published.",
                "Of ReceiptSent there were, and did not fit:",
                "  ReceiptSent { Number = 1 }",
                "What came instead:"),
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expecting_where_nothing_happened_says_so()
    {
        await using var bus = TestBus.Create(static _ => { });

        var error = await Assert.ThrowsAsync<ExpectationFailedException>(() => bus.ExpectAsync<ReceiptSent>());

        Assert.Equal(Signals.Lines("Expected ReceiptSent, and none was published.", "What came instead:", "Nothing was published."), error.Message);
    }

    [Fact]
    public async Task Only_what_one_event_led_to_is_looked_at_where_that_is_asked_for()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts(static s => s.Where(static order => order.Number == "1")));
        var first = await bus.StimulateAsync(new OrderPlaced("1"));
        var second = await bus.StimulateAsync(new OrderPlaced("2"));

        Assert.Equal(new ReceiptSent("1"), await bus.ExpectAsync<ReceiptSent>(causedBy: first));
        var error = await Assert.ThrowsAsync<ExpectationFailedException>(() => bus.ExpectAsync<ReceiptSent>(causedBy: second));

        Assert.Equal(
            Signals.Lines(
                "Expected ReceiptSent, caused by OrderPlaced { Number = 2, Total = 10 }, and none was published.",
                "What came instead:",
                "OrderPlaced { Number = 2, Total = 10 }",
                "└─ receipts: filtered out"),
            error.Message);
    }

    [Fact]
    public async Task An_event_that_was_refused_was_not_published()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("full", static s => s.Capacity(1).WhenFull(QueueFullMode.Reject).StartPaused()));
        await bus.PublishAsync(new OrderPlaced("1"));
        await Assert.ThrowsAsync<QueueFullException>(async () => await bus.PublishAsync(new OrderPlaced("2")));

        var error = await Assert.ThrowsAsync<ExpectationFailedException>(() => bus.ExpectAsync<OrderPlaced>(order => order.Number == "2"));

        Assert.Contains("OrderPlaced { Number = 2, Total = 10 } — its publisher got QueueFullException", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stimulus_is_the_event_itself_and_not_what_its_handlers_publish()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts(static s => s.Inline()));

        var order = await bus.StimulateAsync(new OrderPlaced("1"), new() { CorrelationId = "c" });

        Assert.Equal((new OrderPlaced("1"), "c"), (order.Event, order.Metadata.CorrelationId));
        Assert.Equal([new ReceiptSent("1")], order.Caused<ReceiptSent>());
    }

    [Fact]
    public async Task Asked_for_a_delivery_that_was_not_an_event_shows_those_that_were()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock"));
        var order = await bus.StimulateAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        var error = Assert.Throws<ExpectationFailedException>(() => order.To("stocks"));

        Assert.Equal(
            Signals.Lines("OrderPlaced { Number = 1, Total = 10 } was not delivered to 'stocks'.", "OrderPlaced { Number = 1, Total = 10 }", "└─ stock: handled"),
            error.Message);
    }

    [Fact]
    public async Task Asked_for_an_event_that_was_not_published_the_history_shows_those_that_were()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock"));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        var error = Assert.Throws<ExpectationFailedException>(() => bus.History.Of(new OrderPlaced("2")));

        Assert.Equal(
            Signals.Lines("OrderPlaced { Number = 2, Total = 10 } was not published.", "OrderPlaced { Number = 1, Total = 10 }", "└─ stock: handled"),
            error.Message);
    }
}
