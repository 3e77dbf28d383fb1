namespace EventBus.Retrying;

/// <summary>One policy for some exceptions, another for the rest.</summary>
internal sealed class ConditionalRetry(Func<Exception, bool> predicate, RetryPolicy matching, RetryPolicy others, string condition) : RetryPolicy
{
    public override RetryDecision Decide(in RetryAttempt attempt) =>
        (predicate(attempt.Exception) ? matching : others).Decide(attempt);

    public override string ToString() => $"{others}; on {condition}: {matching}";
}
