using EventBus.Storage;
using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.Faults;

public sealed class StoreFaultTests
{
    [Fact]
    public async Task A_commit_that_fails_for_now_is_its_publishers_failure_and_the_next_succeeds()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable()));
        await bus.StartAsync();
        bus.Faults.FailStoreCall(call: nameof(ILogTransaction.Append));

        var error = await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(new OrderPlaced("1")));
        await bus.PublishAsync(new OrderPlaced("2"));
        await bus.WhenIdleAsync();

        Assert.True(error.IsTransient);
        Assert.Equal([new OrderPlaced("2")], bus.History.HandledBy<OrderPlaced>("stock"));
        Assert.Equal([new OrderPlaced("2")], bus.History.Published<OrderPlaced>());
    }

    [Fact]
    public async Task A_log_that_fails_for_good_takes_nothing_any_more_until_the_bus_is_started_again()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable()));
        await bus.StartAsync();
        bus.Faults.FailStoreCall(call: nameof(ILogTransaction.Commit), error: new EventLogException("The disk is broken."));
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(new OrderPlaced("1")));

        var error = await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(new OrderPlaced("2")));
        await bus.RestartAsync();
        await bus.PublishAsync(new OrderPlaced("3"));
        await bus.WhenIdleAsync();

        Assert.Contains("The disk is broken.", error.Message, StringComparison.Ordinal);
        Assert.Equal([new OrderPlaced("3")], bus.History.HandledBy<OrderPlaced>("stock"));
    }

    [Fact]
    public async Task The_nth_call_is_counted_from_when_it_is_asked_for()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable()));
        await bus.PublishAsync(new OrderPlaced("1"));
        bus.Faults.FailStoreCall(nth: 2, call: nameof(ILogTransaction.Append));

        await bus.PublishAsync(new OrderPlaced("2"));
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(new OrderPlaced("3")));
        await bus.PublishAsync(new OrderPlaced("4"));
        await bus.WhenIdleAsync();

        Assert.Equal(["1", "2", "4"], bus.History.HandledBy<OrderPlaced>("stock").Select(static order => order.Number));
    }

    [Fact]
    public async Task A_dead_letter_store_that_fails_gets_its_letter_later()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static (_, _) => throw new InvalidOperationException("no"), static s => s.Retry(RetryPolicy.None)));
        bus.Faults.FailStoreCall(call: nameof(IDeadLetterStore.AddAsync), error: new InvalidOperationException("no room"));
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await bus.WhenIdleAsync();
        Assert.Equal(DeliveryState.Retrying, order.To("stock").State);
        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(DeliveryState.DeadLettered, order.To("stock").State);
        Assert.Single(order.To("stock").Attempts);
    }

    [Fact]
    public async Task A_store_of_handled_deliveries_that_fails_lets_no_handler_run_unprotected()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Idempotent()));
        bus.Faults.FailStoreCall(call: nameof(IIdempotencyStore.ClaimAsync));
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await bus.WhenIdleAsync();
        Assert.Equal((DeliveryState.Retrying, 0), (order.To("stock").State, order.To("stock").Attempts.Count));
        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(DeliveryState.Handled, order.To("stock").State);
    }
}
