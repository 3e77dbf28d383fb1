using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.Time;

public sealed class AdvanceTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Time_drives_retries_to_their_end()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("failing", static (_, _) => throw new InvalidOperationException("no"), static s => s.Retry(Shop.EverySecond(4))));
        await bus.PublishAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(s_second * 3);

        var delivery = Assert.Single(bus.History.DeadLettered("failing"));
        Assert.Equal([0, 1, 2, 3], delivery.Attempts.Select(attempt => (attempt.Time - delivery.Attempts[0].Time).TotalSeconds));
        Assert.Equal(DeadLetterReason.MaxAttemptsExceeded, delivery.DeadLetter!.Reason);
    }

    [Fact]
    public async Task Nothing_comes_before_its_time()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("failing", static (_, _) => throw new InvalidOperationException("no"), static s => s.Retry(Shop.EverySecond())));
        await bus.PublishAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(s_second - TimeSpan.FromMilliseconds(1));

        Assert.Single(Assert.Single(bus.History.Retried()).Attempts);
    }

    [Fact]
    public async Task What_becomes_due_is_done_before_the_next_is_due()
    {
        var seen = new List<string>();
        await using var bus = TestBus.Create(bus => bus
            .Handle<OrderPlaced>(async (order, context, _) =>
            {
                seen.Add($"{order.Number} at {context.Time:s.f}");
                await context.Publisher.ScheduleAsync(new ReceiptSent(order.Number), TimeSpan.FromSeconds(1.5), cancellationToken: CancellationToken.None);
            })
            .Handle<ReceiptSent>((receipt, context, _) =>
            {
                seen.Add($"receipt {receipt.Number} at {context.Time:s.f}");
                return default;
            }));
        await bus.ScheduleAsync(new OrderPlaced("3"), TimeSpan.FromSeconds(3));
        await bus.ScheduleAsync(new OrderPlaced("2"), TimeSpan.FromSeconds(2));
        await bus.ScheduleAsync(new OrderPlaced("1"), TimeSpan.FromSeconds(1));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(10));

        // In one jump all orders would come first, and the receipts after the tenth second.
        Assert.Equal(["1 at 1.0", "2 at 2.0", "receipt 1 at 2.5", "3 at 3.0", "receipt 2 at 3.5", "receipt 3 at 4.5"], seen);
        Assert.Equal(TimeSpan.FromSeconds(10), bus.Clock.Elapsed);
    }

    [Fact]
    public async Task Time_drives_scheduled_events_of_the_log()
    {
        await using var bus = TestBus.Create(static bus => bus.SendsReceipts(static s => s.Durable()));
        await bus.ScheduleAsync(new OrderPlaced("1"), TimeSpan.FromHours(1));

        await bus.AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.Empty(bus.History.Published<OrderPlaced>());

        await bus.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Single(bus.History.Published<ReceiptSent>());
    }

    [Fact]
    public async Task A_handler_that_waits_for_the_clock_gets_its_time()
    {
        TestClock? clock = null;
        await using var bus = TestBus.Create(bus => bus.Hears("slow", async (_, cancellationToken) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(10), clock!, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(10), clock!, cancellationToken);
        }));
        clock = bus.Clock;
        await bus.PublishAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromSeconds(19));
        Assert.Equal(DeliveryState.Running, bus.History.Events[0].To("slow").State);

        await bus.AdvanceAsync(s_second);
        Assert.Equal(DeliveryState.Handled, bus.History.Events[0].To("slow").State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Handlers_that_wait_for_the_clock_hold_up_only_what_is_behind_them(int concurrency)
    {
        TestClock? clock = null;
        await using var bus = TestBus.Create(bus => bus.Hears(
            "slow", (_, cancellationToken) => new(Task.Delay(s_second, clock!, cancellationToken)), s => s.Concurrency(concurrency).Timeout(TimeSpan.FromMinutes(1))));
        clock = bus.Clock;
        for (var i = 0; i < 8; i++)
            await bus.PublishAsync(new OrderPlaced($"{i}"));

        await bus.AdvanceAsync(s_second * (8 / concurrency));

        Assert.Equal(8, bus.History.HandledBy<OrderPlaced>("slow").Count);
        Assert.Equal(8 / concurrency, bus.History.Events.SelectMany(static recorded => recorded.Deliveries).SelectMany(static delivery => delivery.Attempts).Select(static attempt => attempt.Time).Distinct().Count());
    }

    [Fact]
    public async Task A_handler_that_waits_longer_than_its_timeout_is_cancelled_at_that_time()
    {
        TestClock? clock = null;
        await using var bus = TestBus.Create(bus => bus.Hears(
            "slow", (_, cancellationToken) => new(Task.Delay(TimeSpan.FromHours(1), clock!, cancellationToken)), static s => s.Timeout(TimeSpan.FromMinutes(1)).Retry(RetryPolicy.None)));
        clock = bus.Clock;
        await bus.PublishAsync(new OrderPlaced("1"));

        await bus.AdvanceAsync(TimeSpan.FromMinutes(2));

        var delivery = bus.History.Events[0].To("slow");
        Assert.Equal(DeliveryState.DeadLettered, delivery.State);
        Assert.IsType<TimeoutException>(delivery.Error);
    }

    [Fact]
    public async Task Retries_of_an_inline_handler_get_their_time_while_its_publisher_waits()
    {
        var attempts = 0;
        await using var bus = TestBus.Create(bus => bus.Hears(
            "inline", (_, _) => ++attempts < 3 ? throw new InvalidOperationException("no") : default, static s => s.Inline().Retry(Shop.EverySecond())));

        var publishing = bus.PublishAsync(new OrderPlaced("1")).AsTask();
        await bus.AdvanceAsync(s_second);
        Assert.Equal((2, false), (attempts, publishing.IsCompleted));
        await bus.AdvanceAsync(s_second);
        await publishing;

        Assert.Equal(3, bus.History.Events[0].To("inline").Attempts.Count);
    }

    [Fact]
    public async Task A_handler_that_waits_for_something_else_is_waited_for()
    {
        var gate = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus.Hears("slow", (_, _) => new(gate.Task)));
        await bus.PublishAsync(new OrderPlaced("1"));

        var advancing = bus.AdvanceAsync(s_second);
        Assert.Equal((false, TimeSpan.Zero), (advancing.IsCompleted, bus.Clock.Elapsed));
        gate.SetResult();
        await advancing;

        Assert.Equal(s_second, bus.Clock.Elapsed);
    }

    [Fact]
    public async Task The_lease_of_a_claim_is_renewed_while_its_handler_waits_for_the_clock()
    {
        TestClock? clock = null;
        var calls = 0;
        await using var bus = TestBus.Create(bus => bus.Hears(
            "slow",
            (_, cancellationToken) =>
            {
                calls++;
                return new(Task.Delay(TimeSpan.FromMinutes(4), clock!, cancellationToken));
            },
            static s => s.Idempotent()));
        clock = bus.Clock;
        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "a" });

        await bus.AdvanceAsync(TimeSpan.FromMinutes(4));
        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "a" });
        await bus.WhenIdleAsync();

        Assert.Equal(1, calls);
        Assert.Equal(DeliveryState.Duplicate, bus.History.Events[1].To("slow").State);
    }

    [Fact]
    public async Task Time_does_not_go_back()
    {
        await using var bus = TestBus.Create(static _ => { });

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => bus.AdvanceAsync(TimeSpan.FromTicks(-1)));
    }
}
