using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>A claim is a lease: it holds while its handler runs, and no longer. Two buses on one store are two processes.</summary>
public sealed class IdempotencyLeaseTests : IDisposable
{
    private static readonly TimeSpan s_lease = SubscriptionSettings.DefaultClaimLease;
    private static readonly PublishOptions s_id = new() { Id = "1" };

    private readonly FakeTimeProvider _clock = new();
    private readonly SignallingLog _log = new(static _ => false, new TaskCompletionSource());
    private readonly FaultyStore _store;
    private int _calls;

    public IdempotencyLeaseTests() => _store = new FaultyStore(_clock);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_a_handler_runs_its_claim_is_renewed_and_nobody_else_begins(bool oneRenewalFails)
    {
        var held = new HeldHandler();
        var armed = new ArmedClock(_clock);
        await using var holder = Build(armed, (_, _, _) => held.HoldAsync());
        await using var other = Build(_clock, Count);
        await holder.Bus.PublishAsync("fact", s_id);
        await held.Entered;
        await other.Bus.PublishAsync("fact", s_id);

        await armed.ArmedAsync();
        for (var third = 1; third <= 9; third++)
        {
            _store.RenewalFails = oneRenewalFails && third == 4;
            _clock.Advance(s_lease / 3);
            Assert.Equal(s_lease / 3, await armed.ArmedAsync());
            await other.Bus.WhenQuiet();
        }

        held.Open();
        await holder.Bus.WhenSettled();
        _clock.Advance(s_lease);
        await other.Bus.WhenSettled();
        Assert.Equal(0, _calls);
        Assert.Equal(1, other.Bus.Subscriptions[0].Statistics.Duplicates);
        Assert.Equal(oneRenewalFails, HasLogged("could not renew its claim on 1"));
    }

    [Fact]
    public async Task A_claim_that_was_lost_while_the_handler_ran_is_told_and_the_delivery_stands()
    {
        var held = new HeldHandler();
        await using var holder = Build(_clock, (_, _, _) => held.HoldAsync());
        await holder.Bus.PublishAsync("fact", s_id);
        await held.Entered;
        _store.RenewalFails = true;
        _clock.Advance(s_lease);
        await using var other = Build(_clock, Count);
        await other.Bus.PublishAsync("fact", s_id);
        await other.Bus.WhenSettled();

        held.Open();
        await holder.Bus.WhenSettled();

        Assert.Equal(1, _calls);
        Assert.Equal(1, holder.Bus.Subscriptions[0].Statistics.Handled);
        Assert.True(HasLogged("lost its claim on 1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_completion_that_is_not_recorded_is_told_and_does_not_fail_the_delivery(bool later)
    {
        await using var provider = Build(_clock, Count);
        _store.CompletionFails = later ? static () => FailLaterAsync() : static () => throw new IOException("The store is down.");

        await provider.Bus.PublishAsync("fact", s_id);
        await provider.Bus.WhenSettled();

        var statistics = provider.Bus.Subscriptions[0].Statistics;
        Assert.Equal((1, 0, 1), (statistics.Handled, statistics.Retried, _calls));
        Assert.True(HasLogged("did not record it"));

        static async ValueTask<bool> FailLaterAsync()
        {
            await Task.Yield();
            throw new IOException("The store is down.");
        }
    }

    [Fact]
    public async Task A_claim_that_could_not_be_completed_is_won_again_after_its_lease()
    {
        await using var provider = Build(_clock, Count);
        _store.CompletionFails = static () => throw new IOException("The store is down.");
        await provider.Bus.PublishAsync("fact", s_id);
        await provider.Bus.WhenSettled();
        _store.CompletionFails = null;

        await provider.Bus.PublishAsync("fact", s_id);
        _clock.Advance(s_lease - TimeSpan.FromSeconds(1));
        await provider.Bus.WhenQuiet();
        Assert.Equal(1, _calls);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await provider.Bus.WhenSettled();
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task A_failed_attempt_gives_its_claim_back_at_once_to_whoever_comes_first()
    {
        await using var failing = Build(_clock, static (_, _, _) => throw new InvalidOperationException(), static s => s.Retry(RetryPolicy.Fixed(2, s_lease)));
        await using var other = Build(_clock, Count);

        await failing.Bus.PublishAsync("fact", s_id);
        await failing.Bus.WhenQuiet();
        await other.Bus.PublishAsync("fact", s_id);
        await other.Bus.WhenSettled();
        _clock.Advance(s_lease);
        await failing.Bus.WhenSettled();

        Assert.Equal(1, _calls);
        Assert.Equal(1, failing.Bus.Subscriptions[0].Statistics.Duplicates);
    }

    [Fact]
    public async Task A_handler_that_a_stop_cancelled_gives_its_claim_back()
    {
        var held = new HeldHandler();
        await using var provider = Build(_clock, (_, _, token) => ++_calls > 1 ? default : new(held.HoldAsync().AsTask().WaitAsync(token)));
        await provider.Bus.PublishAsync("fact", s_id);
        await held.Entered;

        var stopping = provider.Bus.StopAsync(TimeSpan.FromSeconds(10)).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(9));
        await stopping.Soon();
        await provider.Bus.StartAsync();
        await provider.Bus.WhenSettled();

        Assert.Equal(2, _calls);
        Assert.Equal(1, provider.Bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task What_one_subscription_has_handled_another_still_gets()
    {
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<string>(Count, static s => s.Named("stock").Idempotent())
            .Handle<string>(Count, static s => s.Named("mail").Idempotent())
            .Build();

        await bus.PublishAsync("fact", s_id);
        await bus.WhenSettled();

        Assert.Equal([1, 1], bus.Subscriptions.Select(static subscription => subscription.Statistics.Handled));
    }

    public void Dispose() => _log.Dispose();

    private ValueTask Count(string fact, EventContext context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return default;
    }

    private bool HasLogged(string text) => _log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    private ProviderWithBus Build(TimeProvider clock, Func<string, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<string>>? configure = null) =>
        new ServiceCollectionWithLog(_log).Build(bus => bus.UseTimeProvider(clock).UseIdempotencyStore(_store).Handle(handler, s =>
        {
            s.Named("stock").Idempotent();
            configure?.Invoke(s);
        }));

    private sealed class FaultyStore(TimeProvider clock) : IIdempotencyStore
    {
        private readonly InMemoryIdempotencyStore _inner = new(timeProvider: clock);

        public bool RenewalFails { get; set; }

        public Func<ValueTask<bool>>? CompletionFails { get; set; }

        public ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken) =>
            _inner.ClaimAsync(key, lease, cancellationToken);

        public ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken) =>
            RenewalFails ? throw new IOException("The store is down.") : _inner.RenewAsync(key, token, lease, cancellationToken);

        public ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken) =>
            CompletionFails is { } fail ? fail() : _inner.CompleteAsync(key, token, window, cancellationToken);

        public ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken) =>
            _inner.ReleaseAsync(key, token, cancellationToken);
    }
}
