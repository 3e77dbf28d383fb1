namespace EventBus.UnitTests.Retrying;

public sealed class RetryPolicyTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void None_gives_up_after_the_first_attempt_because_it_never_retries()
    {
        var decision = RetryPolicy.None.Decide(Attempt(1));

        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.NotRetried), decision);
    }

    public static TheoryData<RetryPolicy> PoliciesOfOneAttempt => new(
        RetryPolicy.Immediate(1),
        RetryPolicy.Fixed(1, s_second),
        RetryPolicy.Linear(1, s_second),
        RetryPolicy.Exponential(1, s_second));

    [Theory]
    [MemberData(nameof(PoliciesOfOneAttempt))]
    public void A_policy_of_one_attempt_gives_up_because_its_attempts_are_used_up(RetryPolicy policy) =>
        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.MaxAttemptsExceeded), policy.Decide(Attempt(1)));

    [Fact]
    public void Immediate_retries_without_delay_until_its_attempts_are_used_up()
    {
        var policy = RetryPolicy.Immediate(3);

        Assert.Equal([TimeSpan.Zero, TimeSpan.Zero], Delays(policy));
    }

    [Fact]
    public void Fixed_waits_the_same_time_each_time()
    {
        var policy = RetryPolicy.Fixed(4, s_second);

        Assert.Equal([s_second, s_second, s_second], Delays(policy));
    }

    [Fact]
    public void Linear_waits_one_step_longer_each_time_up_to_its_longest_delay()
    {
        var policy = RetryPolicy.Linear(6, s_second, TimeSpan.FromSeconds(3));

        Assert.Equal([1, 2, 3, 3, 3], Delays(policy).Select(static delay => delay.TotalSeconds));
    }

    [Fact]
    public void Linear_waits_a_day_at_most_where_nothing_else_is_said()
    {
        var policy = RetryPolicy.Linear(int.MaxValue, TimeSpan.FromHours(5));

        Assert.Equal(TimeSpan.FromDays(1), policy.Decide(Attempt(5)).Delay);
        Assert.Equal(TimeSpan.FromDays(1), policy.Decide(Attempt(int.MaxValue - 1)).Delay);
    }

    [Theory]
    [InlineData(0, 0.0, 1.0)]
    [InlineData(0, 0.5, 2.0)]
    [InlineData(1, 0.25, 1.5)]
    [InlineData(4, 0.0, 1.0)]
    [InlineData(4, 0.5, 6.5)]
    [InlineData(8, 0.5, 12.5)]
    [InlineData(20, 0.9, 30.0)]
    public void Exponential_waits_between_the_first_delay_and_three_times_the_last_one(double previous, double random, double expected)
    {
        var policy = RetryPolicy.Exponential(10, s_second, TimeSpan.FromSeconds(30));

        var decision = policy.Decide(Attempt(2, random: random) with { PreviousDelay = TimeSpan.FromSeconds(previous) });

        Assert.Equal(RetryDecision.RetryAfter(TimeSpan.FromSeconds(expected)), decision);
    }

    [Fact]
    public void Exponential_never_leaves_its_bounds_whatever_the_chance()
    {
        var (first, longest) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
        var policy = RetryPolicy.Exponential(int.MaxValue, first, longest);
        var random = new Random(7);

        var previous = TimeSpan.Zero;
        for (var attempt = 1; attempt < 10_000; attempt++)
        {
            var delay = policy.Decide(Attempt(attempt, random: random.NextDouble()) with { PreviousDelay = previous }).Delay;
            Assert.InRange(delay, first, longest);
            Assert.True(delay <= (previous > first ? previous : first) * 3);
            previous = delay;
        }
    }

    [Fact]
    public void Exponential_grows_to_its_longest_delay_even_from_a_delay_near_the_greatest_time()
    {
        var policy = RetryPolicy.Exponential(3, TimeSpan.MaxValue);

        var decision = policy.Decide(Attempt(2, random: 0.99) with { PreviousDelay = TimeSpan.MaxValue });

        Assert.Equal(TimeSpan.MaxValue, decision.Delay);
    }

    [Fact]
    public void Exponential_with_a_first_delay_beyond_the_default_longest_waits_just_that()
    {
        var policy = RetryPolicy.Exponential(3, TimeSpan.FromMinutes(2));

        Assert.Equal(TimeSpan.FromMinutes(2), policy.Decide(Attempt(1, random: 0.9)).Delay);
    }

    [Fact]
    public void The_default_makes_three_attempts_from_200_ms_to_30_s()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(200), RetryPolicy.Default.Decide(Attempt(1)).Delay);
        Assert.Equal(TimeSpan.FromSeconds(30), RetryPolicy.Default.Decide(Attempt(2, random: 0.99) with { PreviousDelay = TimeSpan.FromSeconds(30) }).Delay);
        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.MaxAttemptsExceeded), RetryPolicy.Default.Decide(Attempt(3)));
    }

    [Fact]
    public void Event_grid_follows_its_schedule()
    {
        var minute = TimeSpan.FromMinutes(1);
        var hour = TimeSpan.FromHours(1);

        var delays = Enumerable.Range(1, 12).Select(static attempt => RetryPolicy.EventGrid.Decide(Attempt(attempt)).Delay);

        Assert.Equal(
            [10 * s_second, 30 * s_second, minute, 5 * minute, 10 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour, 12 * hour, 12 * hour],
            delays);
    }

    [Fact]
    public void Event_grid_adds_up_to_a_tenth_of_jitter()
    {
        Assert.Equal(TimeSpan.FromSeconds(10.5), RetryPolicy.EventGrid.Decide(Attempt(1, random: 0.5)).Delay);
        Assert.InRange(RetryPolicy.EventGrid.Decide(Attempt(1, random: 0.999999)).Delay, TimeSpan.FromSeconds(10.99), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public void Event_grid_gives_up_after_30_attempts_or_24_hours()
    {
        Assert.True(RetryPolicy.EventGrid.Decide(Attempt(29)).Retries);
        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.MaxAttemptsExceeded), RetryPolicy.EventGrid.Decide(Attempt(30)));
        Assert.True(RetryPolicy.EventGrid.Decide(Attempt(10) with { Elapsed = TimeSpan.FromHours(12) }).Retries);
        Assert.Equal(
            RetryDecision.GiveUp(DeadLetterReason.RetryTimeExceeded),
            RetryPolicy.EventGrid.Decide(Attempt(10) with { Elapsed = TimeSpan.FromHours(12) + s_second }));
    }

    [Fact]
    public void Within_gives_up_where_the_next_attempt_would_begin_too_late()
    {
        var policy = RetryPolicy.Fixed(10, TimeSpan.FromSeconds(10)).Within(TimeSpan.FromSeconds(25));

        Assert.Equal(RetryDecision.RetryAfter(TimeSpan.FromSeconds(10)), policy.Decide(Attempt(2) with { Elapsed = TimeSpan.FromSeconds(15) }));
        Assert.Equal(
            RetryDecision.GiveUp(DeadLetterReason.RetryTimeExceeded),
            policy.Decide(Attempt(2) with { Elapsed = TimeSpan.FromSeconds(15) + TimeSpan.FromTicks(1) }));
        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.MaxAttemptsExceeded), policy.Decide(Attempt(10)));
    }

    [Fact]
    public void Within_bears_the_longest_delay_there_is()
    {
        var policy = RetryPolicy.Fixed(10, TimeSpan.MaxValue).Within(TimeSpan.FromHours(1));

        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.RetryTimeExceeded), policy.Decide(Attempt(2) with { Elapsed = s_second }));
    }

    [Fact]
    public void An_exception_of_a_type_or_derived_from_it_is_retried_by_the_policy_given_for_it()
    {
        var policy = RetryPolicy.Fixed(5, s_second).On<ArgumentException>(RetryPolicy.None).On<TimeoutException>(RetryPolicy.Immediate(2));

        Assert.Equal(RetryDecision.RetryAfter(s_second), policy.Decide(Attempt(1)));
        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.NotRetried), policy.Decide(Attempt(1) with { Exception = new ArgumentNullException() }));
        Assert.Equal(RetryDecision.RetryAfter(TimeSpan.Zero), policy.Decide(Attempt(1) with { Exception = new TimeoutException() }));
    }

    [Fact]
    public void An_exception_that_a_predicate_holds_for_is_retried_by_the_policy_given_for_it()
    {
        var policy = RetryPolicy.Fixed(5, s_second).On(static error => error.Message == "odd", RetryPolicy.None);

        Assert.Equal(RetryDecision.RetryAfter(s_second), policy.Decide(Attempt(1)));
        Assert.Equal(RetryDecision.GiveUp(DeadLetterReason.NotRetried), policy.Decide(Attempt(1) with { Exception = new InvalidOperationException("odd") }));
    }

    [Fact]
    public void Arguments_out_of_bounds_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("maxAttempts", static () => RetryPolicy.Immediate(0));
        Assert.Throws<ArgumentOutOfRangeException>("maxAttempts", static () => RetryPolicy.Fixed(0, s_second));
        Assert.Throws<ArgumentOutOfRangeException>("delay", static () => RetryPolicy.Fixed(1, -s_second));
        Assert.Throws<ArgumentOutOfRangeException>("step", static () => RetryPolicy.Linear(1, -s_second));
        Assert.Throws<ArgumentOutOfRangeException>("maxDelay", static () => RetryPolicy.Linear(1, 2 * s_second, s_second));
        Assert.Throws<ArgumentOutOfRangeException>("firstDelay", static () => RetryPolicy.Exponential(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>("maxDelay", static () => RetryPolicy.Exponential(1, 2 * s_second, s_second));
        Assert.Throws<ArgumentOutOfRangeException>("totalTime", static () => RetryPolicy.None.Within(TimeSpan.Zero));
        Assert.Throws<ArgumentNullException>("policy", static () => RetryPolicy.None.On<Exception>(null!));
        Assert.Throws<ArgumentNullException>("predicate", static () => RetryPolicy.None.On(null!, RetryPolicy.None));
        Assert.Throws<ArgumentOutOfRangeException>("delay", static () => RetryDecision.RetryAfter(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void A_policy_says_in_words_what_it_does()
    {
        Assert.Equal("none", RetryPolicy.None.ToString());
        Assert.Equal("3 attempts, at once", RetryPolicy.Immediate(3).ToString());
        Assert.Equal("3 attempts, every 00:00:01", RetryPolicy.Fixed(3, s_second).ToString());
        Assert.Equal("3 attempts, linear from 00:00:01 to 1.00:00:00", RetryPolicy.Linear(3, s_second).ToString());
        Assert.Equal("3 attempts, exponential from 00:00:00.2000000 to 00:00:30, jittered", RetryPolicy.Default.ToString());
        Assert.Equal("Event Grid's schedule, 30 attempts within 24 hours", RetryPolicy.EventGrid.ToString());
        Assert.Equal("none, within 00:01:00", RetryPolicy.None.Within(TimeSpan.FromMinutes(1)).ToString());
        Assert.Equal("3 attempts, at once; on TimeoutException: none", RetryPolicy.Immediate(3).On<TimeoutException>(RetryPolicy.None).ToString());
    }

    private static RetryAttempt Attempt(int number, double random = 0) =>
        new(number, TimeSpan.Zero, TimeSpan.Zero, new InvalidOperationException(), random);

    private static List<TimeSpan> Delays(RetryPolicy policy)
    {
        var delays = new List<TimeSpan>();
        for (var attempt = 1; ; attempt++)
        {
            var decision = policy.Decide(Attempt(attempt));
            if (!decision.Retries)
            {
                Assert.Equal(DeadLetterReason.MaxAttemptsExceeded, decision.Reason);
                return delays;
            }

            delays.Add(decision.Delay);
        }
    }
}
