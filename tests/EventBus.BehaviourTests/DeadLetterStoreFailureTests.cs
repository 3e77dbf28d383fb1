using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Dead letters whose store fails, is full, or is answered by an alert that fails.</summary>
public sealed class DeadLetterStoreFailureTests
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _handled = [];
    private readonly FailingStore _store = new();

    [Fact]
    public async Task A_delivery_whose_letter_is_not_taken_stays_accepted_and_unsettled_and_the_store_is_asked_ever_again()
    {
        await using var bus = Configure(new EventBusBuilder()).Build();
        await bus.PublishAsync("poison");

        for (var asked = 1; asked <= 3; asked++)
        {
            await bus.WhenQuiet();
            Assert.Equal(asked, _store.Asked);
            Assert.Equal((1, 1), (bus.Subscriptions[0].Statistics.Accepted, bus.Subscriptions[0].Statistics.Waiting));
            _clock.Advance(s_longestWait);
        }

        await bus.WhenQuiet();
        await RecoverAsync(bus);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.Waiting);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_letter_that_was_not_taken_is_kept_once_when_the_store_works_and_its_handler_is_not_called_again(bool failsAsynchronously)
    {
        _store.FailsAsynchronously = failsAsynchronously;
        await using var bus = Configure(new EventBusBuilder()).Build();
        await bus.PublishAsync("poison");
        await bus.WhenQuiet();

        await RecoverAsync(bus);

        Assert.Equal(["poison"], _handled);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.DeadLettered);
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal(("poison", 1, "broken"), (letter.Event, letter.Attempts, letter.Description));
    }

    [Fact]
    public async Task While_the_store_fails_the_events_behind_are_delivered()
    {
        await using var bus = Configure(new EventBusBuilder()).Build();

        await bus.PublishManyAsync(["poison", "a", "b"]);
        await bus.WhenQuiet();

        Assert.Equal(["poison", "a", "b"], _handled);
        await RecoverAsync(bus);
    }

    [Fact]
    public async Task While_the_store_fails_the_key_of_the_delivery_waits_and_no_other()
    {
        await using var bus = Configure(new EventBusBuilder(), static s => s.OrderedBy(static fact => fact.Length)).Build();

        await bus.PublishManyAsync(["poison", "behind", "other key"]);
        await bus.WhenQuiet();

        Assert.Equal(["poison", "other key"], _handled);
        await RecoverAsync(bus);
        Assert.Equal(["poison", "other key", "behind"], _handled);
    }

    [Fact]
    public async Task A_stop_while_the_store_fails_names_the_delivery_and_a_start_goes_on_with_it()
    {
        await using var bus = Configure(new EventBusBuilder()).Build();
        await bus.PublishAsync("poison", new PublishOptions { Id = "the-one" });
        await bus.WhenQuiet();

        var receipt = await bus.StopAsync(cancellationToken: new CancellationToken(canceled: true)).AsTask().Soon();
        await bus.StartAsync();
        await RecoverAsync(bus);

        Assert.Equal("the-one", Assert.Single(Assert.Single(receipt.Subscriptions).Abandoned).Id);
        Assert.Equal(["poison"], _handled);
        Assert.Equal(1, await bus.DeadLetters.CountAsync());
    }

    [Fact]
    public async Task Each_letter_that_a_full_store_evicts_is_logged()
    {
        var evicted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("lost the oldest", StringComparison.Ordinal) && line.Contains("id-2", StringComparison.Ordinal), evicted);
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => Configure(bus, store: new InMemoryDeadLetterStore(1)));

        for (var number = 1; number <= 3; number++)
            await provider.Bus.PublishAsync("poison", new PublishOptions { Id = $"id-{number}" });
        await provider.Bus.WhenSettled();

        await evicted.Task.Soon();
        Assert.Equal(2, log.Lines.Count(static line => line.Contains("lost the oldest dead letter: subscription failing,", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_alert_gets_the_letter_as_it_is_kept_and_not_before()
    {
        var alerted = new List<DeadLetter>();
        await using var bus = Configure(new EventBusBuilder().OnDeadLetter((letter, _) =>
        {
            alerted.Add(letter);
            return default;
        })).Build();
        await bus.PublishAsync("poison");
        await bus.WhenQuiet();
        Assert.Empty(alerted);

        await RecoverAsync(bus);

        Assert.Equal(await bus.DeadLetters.ListAsync(), alerted);
    }

    [Fact]
    public async Task An_alert_that_throws_is_logged_and_the_next_one_is_called_all_the_same()
    {
        _store.IsDown = false;
        var logged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.StartsWith("OnDeadLetter threw for subscription failing, id-1", StringComparison.Ordinal), logged);
        var alerted = 0;
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => Configure(bus)
            .OnDeadLetter(static (_, _) => throw new InvalidOperationException())
            .OnDeadLetter(async (_, _) =>
            {
                alerted++;
                await Task.Yield();
                throw new InvalidOperationException();
            })
            .OnDeadLetter((_, _) =>
            {
                alerted++;
                return default;
            }));

        await provider.Bus.PublishAsync("poison", new PublishOptions { Id = "id-1" });
        await provider.Bus.WhenSettled();

        await logged.Task.Soon();
        Assert.Equal(2, alerted);
        Assert.Equal(1, await provider.Bus.DeadLetters.CountAsync());
    }

    /// <summary>A subscription that fails at "poison" and does not try again.</summary>
    private EventBusBuilder Configure(EventBusBuilder builder, Action<SubscriptionBuilder<string>>? more = null, IDeadLetterStore? store = null) => builder
        .UseTimeProvider(_clock)
        .UseDeadLetterStore(store ?? _store)
        .Handle<string>(
            (fact, _, _) =>
            {
                _handled.Add(fact);
                return fact == "poison" ? throw new InvalidOperationException("broken") : default;
            },
            s =>
            {
                s.Named("failing").Retry(RetryPolicy.None);
                more?.Invoke(s);
            });

    private async Task RecoverAsync(IEventBus bus)
    {
        _store.IsDown = false;
        _clock.Advance(s_longestWait);
        await bus.WhenSettled();
    }

    private sealed class FailingStore : IDeadLetterStore
    {
        private readonly InMemoryDeadLetterStore _inner = new();

        public bool IsDown { get; set; } = true;

        public bool FailsAsynchronously { get; set; }

        public int Asked { get; private set; }

        public async ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken)
        {
            Asked++;
            if (FailsAsynchronously)
                await Task.Yield();
            return IsDown ? throw new IOException("The disk is full.") : await _inner.AddAsync(letter, cancellationToken);
        }

        public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken) =>
            _inner.ListAsync(query, afterId, count, cancellationToken);

        public ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken) => _inner.RemoveAsync(id, cancellationToken);

        public ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken) => _inner.RestoreAsync(letter, cancellationToken);

        public ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken) => _inner.CountAsync(query, cancellationToken);
    }
}
