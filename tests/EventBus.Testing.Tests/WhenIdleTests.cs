using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests;

public sealed class WhenIdleTests
{
    [Fact]
    public async Task A_subscription_that_is_disposed_again_takes_nothing_from_the_next_of_its_name()
    {
        await using var bus = TestBus.Create(static _ => { });
        var first = bus.Subscribe<OrderPlaced>(static (_, _, _) => default, static s => s.Named("page"));
        await first.DisposeAsync();
        await using var second = bus.Subscribe<OrderPlaced>(static (_, _, _) => default, static s => s.Named("page").StartPaused());
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await first.DisposeAsync();

        Assert.Equal(DeliveryState.Waiting, order.To("page").State);
    }

    [Fact]
    public async Task A_bus_is_idle_when_all_that_an_event_led_to_is_handled()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts().SendsParcels());

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Equal([new ParcelSent("1")], bus.History.Published<ParcelSent>());
    }

    [Fact]
    public async Task A_bus_is_not_idle_while_a_handler_runs()
    {
        var gate = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus.Hears("slow", (_, _) => new(gate.Task)));

        await bus.PublishAsync(new OrderPlaced("1"));
        var idle = bus.WhenIdleAsync();

        Assert.False(idle.IsCompleted);
        gate.SetResult();
        await idle;
    }

    [Fact]
    public async Task A_bus_is_idle_while_a_delivery_waits_for_its_retry()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("failing", static (_, _) => throw new InvalidOperationException("no"), static s => s.Retry(Shop.EverySecond())));

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Equal(DeliveryState.Retrying, bus.History.Events[0].To("failing").State);
    }

    [Fact]
    public async Task A_scheduled_event_that_is_due_at_once_keeps_the_bus_busy_until_it_is_handled()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("orders"));

        await bus.ScheduleAsync(new OrderPlaced("1"), TimeSpan.Zero);
        await bus.WhenIdleAsync();

        Assert.Single(bus.History.HandledBy<OrderPlaced>("orders"));
    }

    [Fact]
    public async Task A_durable_bus_is_idle_when_what_was_committed_is_handled()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts(static s => s.Durable()).SendsParcels(static s => s.Durable()));

        await bus.PublishManyAsync([new OrderPlaced("1"), new OrderPlaced("2")]);
        await bus.WhenIdleAsync();

        Assert.Equal([new ParcelSent("1"), new ParcelSent("2")], bus.History.Published<ParcelSent>());
    }

    [Fact]
    public async Task A_conversation_is_idle_although_another_is_not()
    {
        var gate = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus.SendsReceipts().SendsParcels().Hears("slow", (order, _) => order.Number == "slow" ? new(gate.Task) : default));
        await bus.PublishAsync(new OrderPlaced("slow"), new() { CorrelationId = "slow" });

        await bus.PublishAsync(new OrderPlaced("1"), new() { CorrelationId = "quick" });
        var slow = bus.WhenIdleAsync("slow");

        Assert.False(slow.IsCompleted);
        gate.SetResult();
        await bus.WhenIdleAsync("quick");
        Assert.Contains(new ParcelSent("1"), bus.History.Published<ParcelSent>());
        await slow;
    }

    [Fact]
    public async Task A_conversation_is_idle_while_another_is_held_up_in_the_very_same_handler()
    {
        var gate = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus.SendsReceipts().SendsParcels().Hears("slow", (order, _) => order.Number == "slow" ? new(gate.Task) : default, static s => s.Concurrency(2)));
        await bus.PublishAsync(new OrderPlaced("slow"), new() { CorrelationId = "slow" });
        await bus.PublishAsync(new OrderPlaced("1"), new() { CorrelationId = "quick" });

        await bus.WhenIdleAsync("quick");

        Assert.Contains(new ParcelSent("1"), bus.History.Published<ParcelSent>());
        Assert.False(bus.WhenIdleAsync("slow").IsCompleted);
        gate.SetResult();
        await bus.WhenIdleAsync();
    }

    [Fact]
    public async Task One_event_with_all_that_it_led_to_is_idle_although_another_is_not()
    {
        var gate = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus.SendsReceipts().SendsParcels().Hears("slow", (order, _) => order.Number == "slow" ? new(gate.Task) : default, static s => s.Concurrency(2)));
        var slow = await bus.StimulateAsync(new OrderPlaced("slow"));

        var quick = await bus.StimulateAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync(quick);

        Assert.Equal([new ParcelSent("1")], quick.Caused<ParcelSent>());
        Assert.False(bus.WhenIdleAsync(slow).IsCompleted);
        gate.SetResult();
        await bus.WhenIdleAsync(slow);
    }

    [Fact]
    public async Task A_retry_that_has_come_due_keeps_its_conversation_busy_until_it_is_handled()
    {
        var attempts = 0;
        await using var bus = TestBus.Create(bus => bus.Hears("failing", (_, _) => ++attempts == 1 ? throw new InvalidOperationException("no") : default, static s => s.Retry(Shop.EverySecond())));
        await bus.PublishAsync(new OrderPlaced("1"), new() { CorrelationId = "c" });
        await bus.WhenIdleAsync("c");

        bus.Clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenIdleAsync("c");

        Assert.Equal(DeliveryState.Handled, bus.History.Events[0].To("failing").State);
    }

    [Fact]
    public async Task A_redriven_dead_letter_keeps_its_conversation_busy_until_it_is_handled()
    {
        var fails = true;
        await using var bus = TestBus.Create(bus => bus.Hears("failing", (_, _) => fails ? throw new InvalidOperationException("no") : default, static s => s.Retry(RetryPolicy.None)));
        await bus.PublishAsync(new OrderPlaced("1"), new() { CorrelationId = "c" });
        await bus.WhenIdleAsync("c");

        fails = false;
        await bus.DeadLetters.RedriveAsync(new DeadLetterQuery());
        await bus.WhenIdleAsync("c");

        Assert.Equal(DeliveryState.Handled, bus.History.Events[0].To("failing").State);
    }

    [Fact]
    public async Task Waiting_for_a_handler_that_does_not_return_ends_and_shows_which()
    {
        await using var bus = TestBus.Create(
            static bus => bus.Hears("hanging", static (_, cancellationToken) => new(Task.Delay(Timeout.Infinite, cancellationToken))),
            static test => test.Patience(TimeSpan.FromMilliseconds(1)));
        await bus.PublishAsync(new OrderPlaced("1"));

        var error = await Assert.ThrowsAsync<TimeoutException>(bus.WhenIdleAsync);

        Assert.Contains("The bus did not become idle.", error.Message, StringComparison.Ordinal);
        Assert.Contains("OrderPlaced { Number = 1, Total = 10 }", error.Message, StringComparison.Ordinal);
        Assert.Contains("hanging: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_nobody_subscribes_to_is_idle_and_in_the_history()
    {
        await using var bus = TestBus.Create(static _ => { });

        var order = await bus.StimulateAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync(order);

        Assert.Empty(order.Deliveries);
        Assert.Contains("nobody subscribes to it", bus.History.ToString(), StringComparison.Ordinal);
    }
}
