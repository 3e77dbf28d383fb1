using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests.Faults;

public sealed class CrashTests
{
    [Fact]
    public async Task A_crash_between_an_effect_and_its_settlement_repeats_the_effect()
    {
        var effects = 0;
        await using var bus = TestBus.Create(bus => bus.Hears("stock", (_, _) => Count(ref effects), static s => s.Durable()));
        bus.Faults.CrashAt(CrashPoint.AfterHandler, subscription: "stock");
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await bus.WhenCrashedAsync();
        Assert.Equal(1, effects);
        await bus.RestartAsync();
        await bus.WhenIdleAsync();

        Assert.Equal(2, effects);
        Assert.Equal(DeliveryState.Handled, order.To("stock").State);
        Assert.Equal([false, true], order.To("stock").Attempts.Select(static attempt => attempt.IsOver));
    }

    [Fact]
    public async Task A_crash_before_the_commit_of_a_publish_loses_what_nobody_was_promised()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable()));
        bus.Faults.CrashAt(CrashPoint.BeforePublish);

        await Assert.ThrowsAnyAsync<PublishException>(async () => await bus.PublishAsync(new OrderPlaced("1")));
        await bus.RestartAsync();
        await bus.WhenIdleAsync();

        Assert.Empty(bus.History.Published<OrderPlaced>());
        Assert.Empty(bus.History.Events[0].Deliveries);
    }

    [Fact]
    public async Task A_crash_after_the_commit_of_a_publish_keeps_it_although_its_publisher_does_not_know()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable()));
        bus.Faults.CrashAt(CrashPoint.AfterPublish);

        await Assert.ThrowsAnyAsync<PublishException>(async () => await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "a" }));
        await bus.RestartAsync();
        await bus.PublishAsync(new OrderPlaced("1"), new() { Id = "a" });
        await bus.WhenIdleAsync();

        Assert.Single(bus.History.HandledBy<OrderPlaced>("stock"));
    }

    [Fact]
    public async Task What_was_only_queued_is_lost_in_a_crash_and_the_history_says_so()
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("queued", static s => s.StartPaused()).Hears("durable", static s => s.Durable().StartPaused()));
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        bus.Crash();
        await bus.WhenCrashedAsync();

        Assert.Equal("queued: lost when the process died", order.To("queued").ToString());
        Assert.Equal("durable: waits for its turn", order.To("durable").ToString());
    }

    [Fact]
    public async Task A_retry_is_waited_for_across_a_crash()
    {
        var attempts = 0;
        await using var bus = TestBus.Create(bus => bus.Hears("stock", (_, _) => ++attempts == 1 ? throw new InvalidOperationException("no") : default, static s => s.Durable().Retry(Shop.EverySecond())));
        bus.Faults.CrashAt(CrashPoint.AfterRetry);
        var order = await bus.StimulateAsync(new OrderPlaced("1"));

        await bus.WhenCrashedAsync();
        await bus.RestartAsync();
        await bus.WhenIdleAsync();
        Assert.Equal(1, attempts);
        await bus.AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal([1, 2], order.To("stock").Attempts.Select(static attempt => attempt.Number));
        Assert.Equal(DeliveryState.Handled, order.To("stock").State);
    }

    [Theory]
    [InlineData(CrashPoint.BeforeHandler)]
    [InlineData(CrashPoint.AfterHandler)]
    [InlineData(CrashPoint.BeforePublish)]
    [InlineData(CrashPoint.AfterPublish)]
    [InlineData(CrashPoint.BeforeCheckpoint)]
    [InlineData(CrashPoint.AfterCheckpoint)]
    [InlineData(CrashPoint.BeforeRetry)]
    [InlineData(CrashPoint.AfterRetry)]
    [InlineData(CrashPoint.BeforeDeadLetter)]
    [InlineData(CrashPoint.AfterDeadLetter)]
    [InlineData(CrashPoint.BeforeClaim)]
    [InlineData(CrashPoint.AfterClaim)]
    [InlineData(CrashPoint.BeforeCompletion)]
    [InlineData(CrashPoint.AfterCompletion)]
    [InlineData(CrashPoint.BeforeSchedule)]
    [InlineData(CrashPoint.AfterSchedule)]
    [InlineData(CrashPoint.BeforeActivation)]
    [InlineData(CrashPoint.AfterActivation)]
    [InlineData(CrashPoint.BeforeRedrive)]
    [InlineData(CrashPoint.AfterRedrive)]
    public async Task At_every_boundary_the_bus_dies_and_goes_on_with_all_that_was_accepted(CrashPoint point)
    {
        var heals = false;
        var crashed = false;
        await using var bus = TestBus.Create(bus => bus.Hears(
            "stock", (order, _) => order.Number == "bad" && !Volatile.Read(ref heals) ? throw new InvalidOperationException("no") : default, static s => s.Durable().Idempotent().Retry(Shop.EverySecond(2))));
        await bus.StartAsync();
        bus.Faults.CrashAt(point);

        // Each step is tried again after the crash that it ran into, as a client would.
        await DoAsync(() => bus.PublishAsync(new OrderPlaced("good"), new() { Id = "good" }));
        await DoAsync(() => bus.PublishAsync(new OrderPlaced("bad"), new() { Id = "bad" }));
        await DoAsync(async () => await bus.ScheduleAsync(new OrderPlaced("late"), TimeSpan.FromSeconds(10), new() { Id = "late" }));
        await DoAsync(() => new(bus.AdvanceAsync(TimeSpan.FromMinutes(5))));
        heals = true;
        await DoAsync(async () => await bus.DeadLetters.RedriveAsync(new DeadLetterQuery()));
        await DoAsync(() => new(bus.AdvanceAsync(TimeSpan.FromMinutes(5))));

        Assert.True(crashed);
        var done = bus.History.Events.SelectMany(static recorded => recorded.Deliveries).Where(static delivery => delivery.State is DeliveryState.Handled or DeliveryState.Duplicate);
        Assert.Equal(["bad", "good", "late"], done.Select(static delivery => ((OrderPlaced)delivery.Event.Event).Number).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(await bus.DeadLetters.ListAsync());

        async Task DoAsync(Func<ValueTask> step)
        {
            try
            {
                await step();
            }
            catch (Exception error) when (bus.HasCrashed && error is not TimeoutException)
            {
                await GoOnAsync();
                try
                {
                    await step();
                }
                catch (ArgumentException)
                {
                    // What was scheduled under this id is scheduled already.
                }
            }

            await GoOnAsync();
            await bus.AdvanceAsync(TimeSpan.FromMinutes(2));
            await GoOnAsync();
        }

        async Task GoOnAsync()
        {
            if (!bus.HasCrashed)
                return;
            crashed = true;
            await bus.RestartAsync();
        }
    }

    [Fact]
    public async Task A_handler_that_runs_when_the_process_dies_sees_its_token_cancelled()
    {
        var cancelled = new TaskCompletionSource();
        await using var bus = TestBus.Create(bus => bus.Hears("stock", async (_, cancellationToken) =>
        {
            cancellationToken.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }));
        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenRunning("stock");

        bus.Crash();

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_bus_that_does_not_die_says_so_to_whoever_waits_for_it()
    {
        await using var bus = TestBus.Create(static _ => { }, static test => test.Patience(TimeSpan.FromMilliseconds(1)));

        var error = await Assert.ThrowsAsync<TimeoutException>(bus.WhenCrashedAsync);

        Assert.StartsWith("The bus did not come to a point at which it was to die.", error.Message, StringComparison.Ordinal);
    }

    private static ValueTask Count(ref int effects)
    {
        Interlocked.Increment(ref effects);
        return default;
    }
}
