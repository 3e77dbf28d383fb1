using EventBus.BehaviourTests.Support;
using EventBus.Testing;

namespace EventBus.BehaviourTests;

public sealed class RetryTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly TestClock _clock = new();
    private readonly List<(int Attempt, int Minute)> _attempts = [];

    [Fact]
    public async Task Attempts_are_counted_from_one_and_come_after_the_policys_delays()
    {
        await using var bus = Failing(RetryPolicy.Linear(4, s_minute));

        await PublishAndPassAsync(bus, minutes: 6);

        Assert.Equal([(1, 0), (2, 1), (3, 3), (4, 6)], _attempts);
        await AssertDeadAsync(bus, DeadLetterReason.MaxAttemptsExceeded);
    }

    [Fact]
    public async Task A_handler_that_knows_when_is_tried_again_then_and_within_the_policys_attempts()
    {
        await using var bus = Failing(
            RetryPolicy.Fixed(3, s_minute),
            static attempt => attempt == 1 ? new RetryAfterException(5 * s_minute) : new InvalidOperationException());

        await PublishAndPassAsync(bus, minutes: 6);

        Assert.Equal([(1, 0), (2, 5), (3, 6)], _attempts);
        await AssertDeadAsync(bus, DeadLetterReason.MaxAttemptsExceeded);
    }

    [Fact]
    public async Task A_handler_that_knows_that_it_is_useless_is_not_tried_again()
    {
        await using var bus = Failing(RetryPolicy.Fixed(3, s_minute), static attempt => attempt == 2 ? new UselessException() : new InvalidOperationException());

        await PublishAndPassAsync(bus, minutes: 1);

        Assert.Equal([(1, 0), (2, 1)], _attempts);
        await AssertDeadAsync(bus, DeadLetterReason.RefusedByHandler);
    }

    [Fact]
    public async Task No_attempt_begins_after_the_total_time()
    {
        await using var bus = Failing(RetryPolicy.Linear(10, s_minute).Within(3 * s_minute));

        await PublishAndPassAsync(bus, minutes: 3);

        Assert.Equal([(1, 0), (2, 1), (3, 3)], _attempts);
        await AssertDeadAsync(bus, DeadLetterReason.RetryTimeExceeded);
    }

    [Fact]
    public async Task An_exception_and_what_derives_from_it_may_have_a_policy_of_its_own()
    {
        var policy = RetryPolicy.Fixed(9, s_minute)
            .On<ArgumentException>(RetryPolicy.Fixed(9, 2 * s_minute))
            .On(static error => error is TimeoutException, RetryPolicy.None);
        await using var bus = Failing(policy, static attempt => attempt switch
        {
            1 => new InvalidOperationException(),
            2 => new ArgumentNullException(),
            _ => new TimeoutException(),
        });

        await PublishAndPassAsync(bus, minutes: 3);

        Assert.Equal([(1, 0), (2, 1), (3, 3)], _attempts);
        await AssertDeadAsync(bus, DeadLetterReason.NotRetried);
    }

    [Fact]
    public async Task A_policy_of_ones_own_is_given_all_there_is_to_know()
    {
        var policy = new OnceMore();
        var error = new InvalidOperationException();
        await using var bus = Failing(policy, _ => error);

        await PublishAndPassAsync(bus, minutes: 1);

        Assert.Equal([new(1, TimeSpan.Zero, TimeSpan.Zero, error, 0), new(2, s_minute, s_minute, error, 0)], policy.Seen);
    }

    [Fact]
    public async Task A_redriven_dead_letter_begins_with_its_first_attempt()
    {
        await using var bus = Failing(RetryPolicy.Immediate(2));
        await PublishAndPassAsync(bus, minutes: 0);

        await bus.DeadLetters.RedriveAsync(new DeadLetterQuery());
        await bus.WhenIdleAsync();

        Assert.Equal([1, 2, 1, 2], _attempts.Select(static attempt => attempt.Attempt));
    }

    [Fact]
    public async Task An_event_that_expires_while_it_waits_is_not_tried_again()
    {
        await using var bus = Failing(RetryPolicy.Fixed(3, s_minute));

        await bus.PublishAsync("fact", new PublishOptions { TimeToLive = s_minute });
        await bus.AdvanceAsync(s_minute);

        Assert.Equal([(1, 0)], _attempts);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Expired);
    }

    [Fact]
    public async Task An_inline_delivery_is_tried_again_in_its_publishers_time()
    {
        await using var bus = Failing(RetryPolicy.Fixed(2, s_minute), inline: true);

        var publishing = bus.PublishAsync("fact").AsTask();
        Assert.False(publishing.IsCompleted);
        _clock.Advance(s_minute);

        await Assert.ThrowsAsync<InvalidOperationException>(() => publishing.Soon());
        Assert.Equal([(1, 0), (2, 1)], _attempts);
        Assert.Equal(0, await bus.DeadLetters.CountAsync());
    }

    [Fact]
    public async Task A_publisher_that_stops_waiting_ends_the_retries_of_its_inline_delivery()
    {
        using var gone = new CancellationTokenSource();
        await using var bus = Failing(RetryPolicy.Fixed(2, s_minute), inline: true);
        var publishing = bus.PublishAsync("fact", gone.Token).AsTask();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.Soon());
        _clock.Advance(s_minute);
        Assert.Equal([(1, 0)], _attempts);
    }

    private static async Task AssertDeadAsync(TestBus bus, DeadLetterReason reason)
    {
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        var retried = bus.Subscriptions[0].Statistics.Retried;
        Assert.Equal((reason, retried + 1), (letter.Reason, letter.Attempts));
    }

    private static async Task PublishAndPassAsync(TestBus bus, int minutes)
    {
        await bus.PublishAsync("fact");
        await bus.AdvanceAsync(minutes * s_minute);
    }

    private TestBus Failing(RetryPolicy policy, Func<int, Exception>? error = null, bool inline = false) =>
        TestBus.Create(
            bus => bus.Handle<string>(
                (_, context, _) =>
                {
                    _attempts.Add((context.Attempt, (int)_clock.Elapsed.TotalMinutes));
                    throw error?.Invoke(context.Attempt) ?? new InvalidOperationException();
                },
                s =>
                {
                    s.Retry(policy);
                    if (inline)
                        s.Inline();
                }),
            test => test.UseClock(_clock));

    private sealed class UselessException : DoNotRetryException;

    private sealed class OnceMore : RetryPolicy
    {
        public List<RetryAttempt> Seen { get; } = [];

        public override RetryDecision Decide(in RetryAttempt attempt)
        {
            Assert.InRange(attempt.Random, 0, 1);
            Seen.Add(attempt with { Random = 0 });
            return attempt.Attempt < 2 ? RetryDecision.RetryAfter(s_minute) : RetryDecision.GiveUp();
        }
    }
}
