using EventBus.Events;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using EventBus.UnitTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Settling;

public sealed class SettlerTests
{
    private static readonly TimeSpan s_took = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _log = new();
    private readonly FailingStore _store = new();
    private readonly SubscriptionCounters _counters = new();
    private readonly DeliveryContext<string> _context = new(new FixedHost(), ["stock"]);
    private RetryPolicy _policy = RetryPolicy.Fixed(3, TimeSpan.FromSeconds(10));
    private readonly List<Func<DeadLetter, CancellationToken, ValueTask>> _alerts = [];

    public SettlerTests()
    {
        _context.Begin("fact", new Stamp(_time.GetUtcNow().UtcTicks, 1), new EventDetails { Id = "id\r\n1" }, null);
    }

    [Fact]
    public async Task Each_outcome_that_settles_is_counted_as_what_it_is()
    {
        var settler = Settler();

        foreach (var outcome in new[] { Outcome.Handled, Outcome.Filtered, Outcome.Expired, Outcome.Duplicate })
            Assert.Null(await SettleAsync(settler, outcome));

        Assert.Equal((1, 1, 1, 1), (_counters.Handled, _counters.Filtered, _counters.Expired, _counters.Duplicates));
    }

    [Fact]
    public async Task A_failure_is_parked_with_its_attempt_counted()
    {
        var parking = await SettleAsync(Settler(), Failed());

        Assert.Equal(TimeSpan.FromSeconds(10), parking!.Value.Delay);
        Assert.Equal(1, parking.Value.Retry.Attempts);
        Assert.Equal(1, _counters.Retried);
        Assert.Equal([LogEventIds.AttemptFailed], _log.Ids);
    }

    [Fact]
    public async Task The_policy_is_told_the_attempt_the_time_since_the_first_began_and_the_delay_before()
    {
        var told = new List<RetryAttempt>();
        _policy = new NotingPolicy(told);
        var settler = Settler();

        var first = await SettleAsync(settler, Failed());
        _time.Advance(TimeSpan.FromSeconds(10));
        await SettleAsync(settler, Failed(), first!.Value.Retry);

        Assert.Equal([1, 2], told.Select(static attempt => attempt.Attempt));
        Assert.Equal([s_took, s_took + TimeSpan.FromSeconds(10)], told.Select(static attempt => attempt.Elapsed));
        Assert.Equal([TimeSpan.Zero, TimeSpan.FromSeconds(10)], told.Select(static attempt => attempt.PreviousDelay));
        Assert.All(told, static attempt => Assert.InRange(attempt.Random, 0, 1));
    }

    [Fact]
    public async Task A_failure_after_the_last_attempt_becomes_a_dead_letter_with_its_facts()
    {
        _policy = RetryPolicy.None;

        var parking = await SettleAsync(Settler(), Failed());

        Assert.Null(parking);
        var letter = Assert.Single(_store.Letters);
        Assert.Equal(("fact", "stock", "id\r\n1", 1), (letter.Event, letter.Subscription, letter.Metadata.Id, letter.Attempts));
        Assert.Equal((DeadLetterReason.NotRetried, "System.InvalidOperationException", "broken"), (letter.Reason, letter.ExceptionType, letter.Description));
        Assert.Equal(_time.GetUtcNow(), letter.LastAttemptTime);
        Assert.Equal((0, 1), (_counters.Retried, _counters.DeadLettered));
        Assert.Equal([LogEventIds.DeadLettered], _log.Ids);
    }

    [Fact]
    public async Task A_handler_that_refuses_becomes_a_dead_letter_at_once()
    {
        var parking = await SettleAsync(Settler(), Outcome.Failed(new DoNotRetryException("no such order")));

        Assert.Null(parking);
        Assert.Equal(DeadLetterReason.RefusedByHandler, Assert.Single(_store.Letters).Reason);
    }

    [Fact]
    public async Task A_handler_that_found_no_room_in_its_own_bus_steps_aside_and_no_attempt_is_counted()
    {
        _policy = RetryPolicy.None;
        var settler = Settler();

        var first = await SettleAsync(settler, Outcome.Failed(new QueueFullException()));
        var second = await SettleAsync(settler, Outcome.Failed(new QueueFullException()), first!.Value.Retry);

        Assert.Equal(0, second!.Value.Retry.Attempts);
        Assert.InRange(first.Value.Delay, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
        Assert.InRange(second.Value.Delay, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
        Assert.Equal((0, 0), (_counters.Retried, _counters.DeadLettered));
        Assert.Equal([LogEventIds.Postponed, LogEventIds.Postponed], _log.Ids);
    }

    [Fact]
    public async Task A_claim_held_by_another_delays_the_delivery_for_at_least_as_long()
    {
        var parking = await SettleAsync(Settler(), Outcome.Postponed(TimeSpan.FromSeconds(40), null));

        Assert.Equal(TimeSpan.FromSeconds(40), parking!.Value.Delay);
        Assert.Equal(0, parking.Value.Retry.Attempts);
        Assert.Empty(_log.Ids);
    }

    [Fact]
    public async Task An_attempt_that_the_stop_cancelled_comes_back_at_once_and_counts_nothing()
    {
        var parking = await SettleAsync(Settler(), Outcome.Postponed(TimeSpan.Zero, null));

        Assert.Equal(TimeSpan.Zero, parking!.Value.Delay);
        Assert.Equal((0, 0), (parking.Value.Retry.Attempts, parking.Value.Retry.Postponements));
    }

    [Fact]
    public async Task A_failed_attempt_ends_a_row_of_postponements()
    {
        var settler = Settler();
        var postponed = await SettleAsync(settler, Outcome.Failed(new QueueFullException()));

        var failed = await SettleAsync(settler, Failed(), postponed!.Value.Retry);

        Assert.Equal((1, 0), (failed!.Value.Retry.Attempts, failed.Value.Retry.Postponements));
    }

    [Fact]
    public async Task A_policy_that_throws_makes_a_dead_letter_and_is_logged()
    {
        _policy = new ThrowingPolicy();

        var parking = await SettleAsync(Settler(), Failed());

        Assert.Null(parking);
        Assert.Equal((DeadLetterReason.NotRetried, "broken"), (_store.Letters[0].Reason, _store.Letters[0].Description));
        Assert.Equal([LogEventIds.RetryPolicyFailed, LogEventIds.DeadLettered], _log.Ids);
    }

    [Fact]
    public async Task A_letter_that_its_store_does_not_take_is_kept_and_the_store_is_asked_again()
    {
        _policy = RetryPolicy.None;
        _store.Failures = 2;
        var settler = Settler();

        var first = await SettleAsync(settler, Failed());
        var second = await SettleAsync(settler, Outcome.Handled, first!.Value.Retry);
        var third = await SettleAsync(settler, Outcome.Handled, second!.Value.Retry);

        Assert.Null(third);
        Assert.Equal("broken", Assert.Single(_store.Letters).Description);
        Assert.InRange(first.Value.Delay, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
        Assert.InRange(second.Value.Delay, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
        Assert.Equal((0, 1), (_counters.Handled, _counters.DeadLettered));
        Assert.Equal([LogEventIds.DeadLetterStoreFailed, LogEventIds.DeadLetterStoreFailed, LogEventIds.DeadLettered], _log.Ids);
    }

    [Fact]
    public async Task An_alert_is_given_the_letter_as_it_is_kept_and_may_throw()
    {
        _policy = RetryPolicy.None;
        DeadLetter? alerted = null;
        _alerts.Add((letter, _) =>
        {
            alerted = letter;
            throw new InvalidOperationException("no mail today");
        });

        var parking = await SettleAsync(Settler(), Failed());

        Assert.Null(parking);
        Assert.Equal(_store.Letters[0], alerted);
        Assert.Equal([LogEventIds.DeadLettered, LogEventIds.DeadLetterAlertFailed], _log.Ids);
    }

    [Fact]
    public async Task A_flood_of_losses_is_logged_at_each_power_of_ten()
    {
        var settler = Settler();

        for (var i = 0; i < 1234; i++)
        {
            await SettleAsync(settler, Outcome.Expired);
            settler.CountDropped(new object(), "fact", new Stamp(0, i), null, new EventIdentity(1));
        }

        Assert.Equal((1234, 1234), (_counters.Expired, _counters.Dropped));
        Assert.Equal(4, _log.Ids.Count(static id => id == LogEventIds.Expired));
        Assert.Equal(4, _log.Ids.Count(static id => id == LogEventIds.Dropped));
    }

    [Fact]
    public async Task An_id_with_a_line_break_cannot_forge_a_log_line()
    {
        _policy = RetryPolicy.None;

        await SettleAsync(Settler(), Outcome.Expired);
        await SettleAsync(Settler(), Failed());

        Assert.All(_log.Texts, static text => Assert.Contains("id\\u000D\\u000A1", text, StringComparison.Ordinal));
        Assert.All(_log.Texts, static text => Assert.DoesNotContain('\n', text));
    }

    private static Outcome Failed() => Outcome.Failed(new InvalidOperationException("broken"));

    private Settler Settler()
    {
        var clock = new Clock(_time);
        return new("stock", _policy, new DeadLetterWriter((letter, _) => _store.AddAsync(letter, CancellationToken.None), Alerts.Of(_alerts, clock, _log), clock, _log), _counters, clock, new Chance(1), _log);
    }

    private ValueTask<Parking?> SettleAsync(Settler settler, Outcome outcome, RetryState? retry = null) =>
        settler.SettleAsync(outcome, "fact", _context, retry, s_took);

    private sealed class ThrowingPolicy : RetryPolicy
    {
        public override RetryDecision Decide(in RetryAttempt attempt) => throw new InvalidOperationException("The policy is broken.");
    }

    private sealed class NotingPolicy(List<RetryAttempt> told) : RetryPolicy
    {
        public override RetryDecision Decide(in RetryAttempt attempt)
        {
            told.Add(attempt);
            return RetryDecision.RetryAfter(TimeSpan.FromSeconds(10));
        }
    }

    /// <summary>A store that fails so many times before it works.</summary>
    private sealed class FailingStore : IDeadLetterStore
    {
        public int Failures { get; set; }

        public List<DeadLetter> Letters { get; } = [];

        public ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken)
        {
            if (Failures-- > 0)
                throw new IOException("The disk is full.");
            Letters.Add(letter with { Id = Letters.Count + 1 });
            return new(new DeadLetterAddition(Letters[^1], []));
        }

        public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
