namespace EventBus.Settling;

/// <summary>Decides whether a failed attempt is followed by another. Pure: it waits for nothing and keeps nothing.</summary>
internal static class RetryRules
{
    private static readonly TimeSpan s_firstPostponement = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPostponement = TimeSpan.FromSeconds(30);

    public static Verdict AfterFailure(RetryPolicy policy, in RetryAttempt attempt)
    {
        if (WrappedError.Find<DoNotRetryException>(attempt.Exception) is not null)
            return new(false, default, true, DeadLetterReason.RefusedByHandler);
        var decision = policy.Decide(attempt);
        if (!decision.Retries)
            return new(false, default, true, decision.Reason);
        return new(true, WrappedError.LongestDelay(attempt.Exception) ?? decision.Delay, true, default);
    }

    /// <summary>A delivery that could not be tried comes again, ever later, and counts no attempt.</summary>
    /// <param name="atLeast">How long to wait at least.</param>
    /// <param name="postponements">How often in a row it was postponed before.</param>
    /// <param name="random">From 0 up to 1: half of the wait is spread, so that what was postponed together does not come back together.</param>
    public static Verdict AfterPostponement(TimeSpan atLeast, int postponements, double random)
    {
        var backoff = Math.Min(s_firstPostponement.Ticks * Math.Pow(2, Math.Min(postponements, 16)), s_longestPostponement.Ticks);
        var spread = TimeSpan.FromTicks((long)(backoff * (0.5 + (0.5 * random))));
        return new(true, atLeast > spread ? atLeast : spread, false, default);
    }
}
