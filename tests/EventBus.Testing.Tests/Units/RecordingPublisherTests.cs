using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.Units;

public sealed class RecordingPublisherTests
{
    private readonly RecordingPublisher _publisher = new();

    [Fact]
    public async Task It_keeps_what_is_published_in_order_and_with_its_options()
    {
        await _publisher.PublishAsync(new OrderPlaced("1"), new() { Key = "k" });
        await _publisher.PublishManyAsync<IOrderEvent>([new ReceiptSent("1"), new OrderPlaced("2")]);
        await _publisher.For<OrderPlaced>().PublishAsync(new OrderPlaced("3"));

        Assert.Equal([new OrderPlaced("1"), new OrderPlaced("2"), new OrderPlaced("3")], _publisher.Published<OrderPlaced>());
        Assert.Equal(4, _publisher.Published<object>().Count);
        Assert.Equal(["k", null, null, null], _publisher.All.Select(static publish => publish.Options?.Key));
    }

    [Fact]
    public async Task It_keeps_what_is_scheduled_until_it_is_cancelled()
    {
        var clock = new TestClock();
        var publisher = new RecordingPublisher(clock);

        var first = await publisher.ScheduleAsync(new OrderPlaced("1"), TimeSpan.FromHours(1));
        var second = await publisher.ScheduleAsync(new OrderPlaced("2"), clock.GetUtcNow().AddHours(2), new() { Id = "a" });

        Assert.Equal(clock.GetUtcNow().AddHours(1), first.DueTime);
        Assert.Equal(("a", true, false), (second.Id, await publisher.CancelScheduledAsync(first), await publisher.CancelScheduledAsync(first)));
        Assert.Equal([new OrderPlaced("2")], publisher.Scheduled<OrderPlaced>());
        Assert.Empty(publisher.Published<OrderPlaced>());
    }

    [Fact]
    public async Task It_fails_as_it_is_told_and_keeps_nothing_of_that()
    {
        _publisher.FailWith(new EventBusStoppedException("stopped"));

        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await _publisher.PublishAsync(new OrderPlaced("1")));
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await _publisher.PublishManyAsync([new OrderPlaced("1")]));
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await _publisher.ScheduleAsync(new OrderPlaced("1"), TimeSpan.Zero));
        _publisher.FailWith(null);
        await _publisher.PublishAsync(new OrderPlaced("2"));

        Assert.Equal([new OrderPlaced("2")], _publisher.Published<OrderPlaced>());
    }

    [Fact]
    public async Task It_refuses_what_a_bus_refuses()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAsync<ArgumentNullException>(async () => await _publisher.PublishAsync<OrderPlaced>(null!));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _publisher.PublishManyAsync([new OrderPlaced("1"), null!]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _publisher.PublishManyAsync([new OrderPlaced("1"), new OrderPlaced("2")], new() { Id = "a" }));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _publisher.PublishAsync(new OrderPlaced("1"), cancelled.Token));
        Assert.Empty(_publisher.All);
    }

    [Fact]
    public async Task A_handler_is_tested_without_a_bus()
    {
        var handler = new SendReceipt();

        await handler.HandleAsync(new OrderPlaced("1"), EventContext.Create(publisher: _publisher), CancellationToken.None);

        Assert.Equal([new ReceiptSent("1")], _publisher.Published<ReceiptSent>());
    }

    private sealed class SendReceipt : IEventHandler<OrderPlaced>
    {
        public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) =>
            context.Publisher.PublishAsync(new ReceiptSent(order.Number), cancellationToken);
    }
}
