using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class IdempotencyTests
{
    private readonly FakeTimeProvider _clock = new();
    private int _calls;

    [Fact]
    public async Task An_event_published_again_with_its_id_is_skipped_and_counted()
    {
        await using var bus = Bus(static s => s.Idempotent());

        await bus.PublishAsync("fact", new PublishOptions { Id = "1" });
        await bus.PublishAsync("fact", new PublishOptions { Id = "1" });
        await bus.WhenSettled();

        Assert.Equal(1, _calls);
        Assert.Equal(1, Assert.Single(bus.Subscriptions).Statistics.Duplicates);
    }

    [Fact]
    public async Task The_key_may_come_from_the_event()
    {
        await using var bus = Bus(static s => s.Idempotent(static fact => fact));

        await bus.PublishManyAsync(["a", "b", "a"]);
        await bus.WhenSettled();

        Assert.Equal(2, _calls);
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task A_failed_attempt_gives_its_claim_back_so_that_the_retry_runs(DeliveryMode mode)
    {
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .In(mode)
            .Handle<string>((_, context, _) => context.Attempt == 1 ? throw new InvalidOperationException() : default, s => s.Named("facts").In(mode).Idempotent().Retry(RetryPolicy.Immediate(2)))
            .Build();

        await bus.PublishAsync("fact");
        await bus.WhenQuiet();

        // At once: a claim that was kept would let it wait until the lease is over, and the clock stands still.
        Assert.Equal(1, Assert.Single(bus.Subscriptions).Statistics.Handled);
    }

    [Fact]
    public async Task While_the_store_is_down_deliveries_wait_and_the_handler_is_not_called()
    {
        var store = new FailingStore { IsDown = true };
        await using var bus = Bus(static s => s.Idempotent(), store);
        await bus.PublishAsync("fact");
        await bus.WhenQuiet();

        Assert.Equal(0, _calls);

        store.IsDown = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();

        Assert.Equal(1, _calls);
        Assert.Equal(0, Assert.Single(bus.Subscriptions).Statistics.Retried);
    }

    [Fact]
    public async Task A_delivery_that_another_holds_is_delayed_and_never_settled_by_that()
    {
        var store = new InMemoryIdempotencyStore(timeProvider: _clock);
        await using var bus = Bus(static s => s.Named("stock").Idempotent(), store);
        await store.ClaimAsync(new("stock", "1") { EventType = "System.String" }, TimeSpan.FromMinutes(1), default);

        await bus.PublishAsync("fact", new PublishOptions { Id = "1" });
        await bus.WhenQuiet();
        Assert.Equal((0, 1), (_calls, Assert.Single(bus.Subscriptions).Statistics.Waiting));

        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();
        Assert.Equal(1, _calls);
    }

    private IEventBus Bus(Action<SubscriptionBuilder<string>> configure, IIdempotencyStore? store = null) =>
        new EventBusBuilder()
            .UseTimeProvider(_clock)
            .UseIdempotencyStore(store ?? new InMemoryIdempotencyStore(timeProvider: _clock))
            .Handle<string>(
                (_, _, _) =>
                {
                    _calls++;
                    return default;
                },
                configure)
            .Build();
}
