using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.History;

public sealed class FlowTextTests
{
    [Fact]
    public async Task A_flow_is_a_tree_of_events_deliveries_and_attempts()
    {
        var attempts = 0;
        await using var bus = TestBus.Create(bus => bus
            .SendsReceipts()
            .Hears("stock", static (_, _) => throw new InvalidOperationException("no stock"), static s => s.Retry(Shop.EverySecond(2)))
            .Handle<ReceiptSent>((_, _, _) => ++attempts == 1 ? throw new TimeoutException("no mail") : default, static s => s.Named("mails").Retry(Shop.EverySecond())));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.PublishAsync(new OrderPlaced("2"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(
            Signals.Lines(
                "OrderPlaced { Number = 1, Total = 10 }",
                "├─ receipts: handled",
                "├─ stock: dead-lettered, MaxAttemptsExceeded: no stock",
                "│     attempt 1 at 00:00:00.000: InvalidOperationException: no stock",
                "│     attempt 2 at 00:00:01.000: InvalidOperationException: no stock",
                "└─ ReceiptSent { Number = 1 }",
                "   └─ mails: handled",
                "         attempt 1 at 00:00:00.000: TimeoutException: no mail",
                "         attempt 2 at 00:00:01.000: returned"),
            bus.History.Events[0].ToString());
        Assert.StartsWith(bus.History.Events[0].ToString(), bus.History.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_over_says_so()
    {
        var gate = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus
            .Hears("running", (_, _) => new(gate.Task))
            .Hears("paused", static s => s.StartPaused())
            .Hears("failing", static (_, _) => throw new InvalidOperationException("no"), static s => s.Retry(Shop.EverySecond())));

        var order = await bus.StimulateAsync(new OrderPlaced("1"));
        await bus.WhenRunning("running");
        await bus.WhenAsync(() => order.To("failing").State == DeliveryState.Retrying);

        Assert.Equal("running: runs", order.To("running").ToString());
        Assert.Equal("paused: waits for its turn", order.To("paused").ToString());
        Assert.Equal("failing: waits for its next attempt, at 00:00:01.000", order.To("failing").ToString());
        gate.SetResult();
    }

    [Fact]
    public void Nothing_is_said_in_words() => Assert.Equal("Nothing was published.", TestBus.Create(static _ => { }).History.ToString());

    [Fact]
    public async Task An_event_without_a_text_of_its_own_is_named_by_its_type()
    {
        await using var bus = TestBus.Create(static _ => { });

        await bus.PublishAsync(new Plain());
        await bus.PublishAsync(new Broken());
        await bus.PublishAsync(42);

        Assert.Equal(
            Signals.Lines("Plain", "└─ nobody subscribes to it", "Broken (its ToString threw InvalidOperationException)", "└─ nobody subscribes to it", "Int32 42", "└─ nobody subscribes to it"),
            bus.History.ToString());
    }

    private sealed class Plain;

    private sealed class Broken
    {
        public override string ToString() => throw new InvalidOperationException();
    }
}
