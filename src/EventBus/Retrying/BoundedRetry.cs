namespace EventBus.Retrying;

/// <summary>Another policy, within a total time.</summary>
internal sealed class BoundedRetry(RetryPolicy policy, TimeSpan totalTime) : RetryPolicy
{
    public override RetryDecision Decide(in RetryAttempt attempt)
    {
        var decision = policy.Decide(attempt);
        return decision.Retries && decision.Delay > totalTime - attempt.Elapsed
            ? RetryDecision.GiveUp(DeadLetterReason.RetryTimeExceeded)
            : decision;
    }

    public override string ToString() => $"{policy}, within {totalTime}";
}
