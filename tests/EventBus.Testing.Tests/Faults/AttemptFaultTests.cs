using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.Faults;

public sealed class AttemptFaultTests
{
    [Fact]
    public async Task The_nth_attempt_of_a_subscription_fails_in_place_of_its_handler()
    {
        var handled = new List<string>();
        await using var bus = TestBus.Create(bus => bus.Hears("stock", (order, _) => Note(handled, order), static s => s.Retry(Shop.EverySecond())).Hears("other"));
        bus.Faults.FailAttempt("stock", nth: 2);

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.PublishAsync(new OrderPlaced("2"));
        await bus.WhenIdleAsync();

        Assert.Equal(["1"], handled);
        Assert.IsType<InjectedFaultException>(Assert.Single(bus.History.Failed()).Error);
        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["1", "2"], handled);
    }

    [Fact]
    public async Task Attempts_fail_as_a_test_decides_for_each()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Retry(Shop.EverySecond(5))));
        bus.Faults.FailAttempts("stock", static delivery => delivery.Attempt <= 2 ? new TimeoutException($"attempt {delivery.Attempt}") : null);
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.PublishAsync(new OrderPlaced("2"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.All(bus.History.Events, static order => Assert.Equal(["attempt 1", "attempt 2", null], order.To("stock").Attempts.Select(static attempt => attempt.Error?.Message)));
    }

    [Fact]
    public async Task An_attempt_takes_as_long_as_a_test_wants()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock"));
        bus.Faults.DelayAttempt("stock", TimeSpan.FromSeconds(3));
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(DeliveryState.Running, order.To("stock").State);

        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(DeliveryState.Handled, order.To("stock").State);
    }

    [Fact]
    public async Task An_attempt_that_never_ends_is_cancelled_by_its_timeout()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Timeout(TimeSpan.FromSeconds(5)).Retry(Shop.EverySecond())));
        bus.Faults.DelayAttempt("stock", Timeout.InfiniteTimeSpan);
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(6));

        Assert.Equal(DeliveryState.Handled, order.To("stock").State);
        Assert.IsType<TimeoutException>(order.To("stock").Attempts[0].Error);
    }

    [Fact]
    public async Task An_inline_attempt_fails_its_publisher()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("inline", static s => s.Inline()));
        bus.Faults.FailAttempt("inline", error: new InvalidOperationException("no"));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync(new OrderPlaced("1")));

        Assert.Equal("no", error.Message);
    }

    [Fact]
    public async Task Nothing_fails_once_the_faults_are_cleared()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock"));
        bus.Faults.FailAttempts("stock", static _ => new TimeoutException());

        bus.Faults.Clear();
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Empty(bus.History.Failed());
    }

    private static ValueTask Note(List<string> handled, OrderPlaced order)
    {
        handled.Add(order.Number);
        return default;
    }
}
