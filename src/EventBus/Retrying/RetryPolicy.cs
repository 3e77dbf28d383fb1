using EventBus.Retrying;

namespace EventBus;

/// <summary>Decides whether and when a failed delivery is tried again.</summary>
/// <remarks>Derive from it for a policy of your own. <see cref="Decide"/> must be pure: same input, same answer, no side effect. It
/// is called on worker threads, for several deliveries at once.</remarks>
public abstract class RetryPolicy
{
    /// <summary>The attempts of a queued subscription's default policy: 3.</summary>
    public const int DefaultMaxAttempts = 3;

    /// <summary>The first delay of a queued subscription's default policy: 200 ms.</summary>
    public static readonly TimeSpan DefaultFirstDelay = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest delay of a queued subscription's default policy: 30 s.</summary>
    public static readonly TimeSpan DefaultMaxDelay = TimeSpan.FromSeconds(30);

    /// <summary>The attempts of a durable subscription's default policy: 10.</summary>
    public const int DurableMaxAttempts = 10;

    /// <summary>The first delay of a durable subscription's default policy: 1 s.</summary>
    public static readonly TimeSpan DurableFirstDelay = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay of a durable subscription's default policy: 10 min.</summary>
    public static readonly TimeSpan DurableMaxDelay = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_longestByDefault = TimeSpan.FromDays(1);

    /// <summary>Never again: the first failure is final. The default of inline subscriptions.</summary>
    public static RetryPolicy None { get; } = new DelayedRetry(1, static (in RetryAttempt _) => TimeSpan.Zero, "none", DeadLetterReason.NotRetried);

    /// <summary>The default of queued subscriptions: <see cref="DefaultMaxAttempts"/> attempts, exponential with jitter from
    /// <see cref="DefaultFirstDelay"/> to <see cref="DefaultMaxDelay"/>.</summary>
    public static RetryPolicy Default { get; } = Exponential(DefaultMaxAttempts, DefaultFirstDelay, DefaultMaxDelay);

    /// <summary>The default of durable subscriptions: <see cref="DurableMaxAttempts"/> attempts, exponential with jitter from
    /// <see cref="DurableFirstDelay"/> to <see cref="DurableMaxDelay"/>.</summary>
    public static RetryPolicy DurableDefault { get; } = Exponential(DurableMaxAttempts, DurableFirstDelay, DurableMaxDelay);

    /// <summary>Azure Event Grid's schedule: 10 s, 30 s, 1 min, 5 min, 10 min, 30 min, 1 h, 3 h, 6 h, then every 12 h; up to 30
    /// attempts within 24 hours, each delay with up to 10 % of jitter.</summary>
    /// <remarks>Source: Azure Event Grid documentation, "Event Grid message delivery and retry".</remarks>
    public static RetryPolicy EventGrid => EventGridRetry.Instance;

    /// <summary>Decides after a failed attempt. Not asked after a <see cref="DoNotRetryException"/>.</summary>
    public abstract RetryDecision Decide(in RetryAttempt attempt);

    /// <summary>Tries again at once.</summary>
    /// <param name="maxAttempts">How many attempts in all, the first included; at least 1.</param>
    public static RetryPolicy Immediate(int maxAttempts) =>
        new DelayedRetry(maxAttempts, static (in RetryAttempt _) => TimeSpan.Zero, $"{maxAttempts} attempts, at once");

    /// <summary>Waits the same time before each attempt.</summary>
    /// <param name="maxAttempts">How many attempts in all, the first included; at least 1.</param>
    /// <param name="delay">The wait; not negative.</param>
    public static RetryPolicy Fixed(int maxAttempts, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new DelayedRetry(maxAttempts, (in RetryAttempt _) => delay, $"{maxAttempts} attempts, every {delay}");
    }

    /// <summary>Waits one step longer before each further attempt: step, 2 × step, 3 × step, …</summary>
    /// <param name="maxAttempts">How many attempts in all, the first included; at least 1.</param>
    /// <param name="step">The first wait, and by how much it grows; not negative.</param>
    /// <param name="maxDelay">The longest wait; default: 1 day, or the step where that is longer.</param>
    public static RetryPolicy Linear(int maxAttempts, TimeSpan step, TimeSpan? maxDelay = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, TimeSpan.Zero);
        var longest = maxDelay ?? (step > s_longestByDefault ? step : s_longestByDefault);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, step, nameof(maxDelay));
        return new DelayedRetry(
            maxAttempts,
            (in RetryAttempt attempt) => AtMost(longest, (double)step.Ticks * attempt.Attempt),
            $"{maxAttempts} attempts, linear from {step} to {longest}");
    }

    /// <summary>Waits ever longer, spread by decorrelated jitter: a random time between the first delay and three times the last one.</summary>
    /// <remarks>Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015:
    /// <c>sleep = min(cap, random_between(base, sleep * 3))</c>.</remarks>
    /// <param name="maxAttempts">How many attempts in all, the first included; at least 1.</param>
    /// <param name="firstDelay">The shortest wait; positive.</param>
    /// <param name="maxDelay">The longest wait; default: <see cref="DefaultMaxDelay"/>, or the first delay where that is longer.</param>
    public static RetryPolicy Exponential(int maxAttempts, TimeSpan firstDelay, TimeSpan? maxDelay = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(firstDelay, TimeSpan.Zero);
        var longest = maxDelay ?? (firstDelay > DefaultMaxDelay ? firstDelay : DefaultMaxDelay);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, firstDelay, nameof(maxDelay));
        return new DelayedRetry(
            maxAttempts,
            (in RetryAttempt attempt) =>
            {
                var last = Math.Max(attempt.PreviousDelay.Ticks, firstDelay.Ticks);
                var spread = firstDelay.Ticks + (attempt.Random * ((3.0 * last) - firstDelay.Ticks));
                return AtMost(longest, spread);
            },
            $"{maxAttempts} attempts, exponential from {firstDelay} to {longest}, jittered");
    }

    /// <summary>Gives up once the next attempt would begin later than <paramref name="totalTime"/> after the first one began.</summary>
    /// <param name="totalTime">The bound; positive.</param>
    public RetryPolicy Within(TimeSpan totalTime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(totalTime, TimeSpan.Zero);
        return new BoundedRetry(this, totalTime);
    }

    /// <summary>Retries exceptions of <typeparamref name="TException"/> and derived types by another policy.</summary>
    /// <param name="policy">The policy; <see cref="None"/> for not at all.</param>
    public RetryPolicy On<TException>(RetryPolicy policy)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new ConditionalRetry(static exception => exception is TException, policy, this, typeof(TException).Name);
    }

    /// <summary>Retries by another policy whatever the predicate holds for.</summary>
    /// <param name="predicate">Pure; called on worker threads.</param>
    /// <param name="policy">The policy; <see cref="None"/> for not at all.</param>
    public RetryPolicy On(Func<Exception, bool> predicate, RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ArgumentNullException.ThrowIfNull(policy);
        return new ConditionalRetry(predicate, policy, this, "a predicate");
    }

    // Compared before it is cast: the greatest time, as a double, is more than a long holds, and the cast of it is negative on net8.0.
    private static TimeSpan AtMost(TimeSpan longest, double ticks) => ticks < longest.Ticks ? TimeSpan.FromTicks((long)ticks) : longest;
}
