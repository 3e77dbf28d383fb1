using System.Reflection;
using EventBus.Settling;

namespace EventBus.UnitTests.Settling;

public sealed class RetryRulesTests
{
    private static readonly RetryPolicy s_everySecond = RetryPolicy.Fixed(3, TimeSpan.FromSeconds(1));

    [Fact]
    public void A_failure_waits_as_the_policy_says()
    {
        var verdict = RetryRules.AfterFailure(s_everySecond, Attempt(1, new InvalidOperationException()));

        Assert.Equal(new Verdict(true, TimeSpan.FromSeconds(1), true, default), verdict);
    }

    [Fact]
    public void A_failure_is_given_up_for_the_reason_that_the_policy_says()
    {
        var verdict = RetryRules.AfterFailure(s_everySecond, Attempt(3, new InvalidOperationException()));

        Assert.False(verdict.Retries);
        Assert.Equal(DeadLetterReason.MaxAttemptsExceeded, verdict.Reason);
    }

    [Fact]
    public void A_handler_that_refuses_is_not_retried_and_its_policy_is_not_asked()
    {
        var verdict = RetryRules.AfterFailure(new ThrowingPolicy(), Attempt(1, new DoNotRetryException("no such order")));

        Assert.False(verdict.Retries);
        Assert.Equal(DeadLetterReason.RefusedByHandler, verdict.Reason);
    }

    [Fact]
    public void A_handler_that_names_its_delay_gets_it_instead_of_the_policys()
    {
        var verdict = RetryRules.AfterFailure(s_everySecond, Attempt(1, new RetryAfterException(TimeSpan.FromMinutes(7))));

        Assert.Equal(new Verdict(true, TimeSpan.FromMinutes(7), true, default), verdict);
    }

    [Fact]
    public void A_handler_that_names_its_delay_gets_no_more_attempts_than_the_policy_has()
    {
        var verdict = RetryRules.AfterFailure(s_everySecond, Attempt(3, new RetryAfterException(TimeSpan.FromMinutes(7))));

        Assert.False(verdict.Retries);
        Assert.Equal(DeadLetterReason.MaxAttemptsExceeded, verdict.Reason);
    }

    [Fact]
    public void A_handler_that_refuses_within_other_exceptions_is_not_retried_and_its_policy_is_not_asked()
    {
        var error = new AggregateException(new RetryAfterException(TimeSpan.FromMinutes(7)), new AggregateException(new DoNotRetryException("no such order")));

        var verdict = RetryRules.AfterFailure(new ThrowingPolicy(), Attempt(1, error));

        Assert.False(verdict.Retries);
        Assert.Equal(DeadLetterReason.RefusedByHandler, verdict.Reason);
    }

    [Fact]
    public void A_handler_that_names_its_delay_within_other_exceptions_gets_it()
    {
        var error = new AggregateException(new InvalidOperationException(), new TargetInvocationException(new RetryAfterException(TimeSpan.FromMinutes(7))));

        var verdict = RetryRules.AfterFailure(s_everySecond, Attempt(1, error));

        Assert.Equal(new Verdict(true, TimeSpan.FromMinutes(7), true, default), verdict);
    }

    [Fact]
    public void Of_several_delays_the_longest_is_taken()
    {
        var error = new AggregateException(new RetryAfterException(TimeSpan.FromMinutes(1)), new RetryAfterException(TimeSpan.FromMinutes(7)), new RetryAfterException(TimeSpan.FromMinutes(2)));

        Assert.Equal(TimeSpan.FromMinutes(7), RetryRules.AfterFailure(s_everySecond, Attempt(1, error)).Delay);
    }

    [Fact]
    public void A_postponed_delivery_comes_again_ever_later_up_to_half_a_minute_and_counts_no_attempt()
    {
        var verdicts = Enumerable.Range(0, 12).Select(static times => RetryRules.AfterPostponement(TimeSpan.Zero, times, random: 1 - 1e-9)).ToList();

        Assert.All(verdicts, static verdict => Assert.True(verdict is { Retries: true, Counts: false }));
        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000], verdicts.Select(static verdict => Math.Round(verdict.Delay.TotalMilliseconds)));
    }

    [Fact]
    public void A_postponement_is_spread_over_half_of_its_time()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(50), RetryRules.AfterPostponement(TimeSpan.Zero, 0, random: 0).Delay);
        Assert.Equal(TimeSpan.FromMilliseconds(75), RetryRules.AfterPostponement(TimeSpan.Zero, 0, random: 0.5).Delay);
        Assert.Equal(TimeSpan.FromSeconds(15), RetryRules.AfterPostponement(TimeSpan.Zero, int.MaxValue, random: 0).Delay);
    }

    [Fact]
    public void A_postponement_is_never_shorter_than_it_has_to_be() =>
        Assert.Equal(TimeSpan.FromMinutes(1), RetryRules.AfterPostponement(TimeSpan.FromMinutes(1), 0, random: 0.5).Delay);

    private static RetryAttempt Attempt(int number, Exception error) => new(number, TimeSpan.Zero, TimeSpan.Zero, error, 0);

    private sealed class ThrowingPolicy : RetryPolicy
    {
        public override RetryDecision Decide(in RetryAttempt attempt) => throw new InvalidOperationException("The policy must not be asked.");
    }
}
