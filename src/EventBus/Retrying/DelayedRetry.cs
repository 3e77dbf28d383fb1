namespace EventBus.Retrying;

/// <summary>A number of attempts, with a delay that is a function of the attempt.</summary>
internal sealed class DelayedRetry : RetryPolicy
{
    private readonly int _maxAttempts;
    private readonly DelayOf _delay;
    private readonly string _text;
    private readonly DeadLetterReason _reason;

    public DelayedRetry(int maxAttempts, DelayOf delay, string text, DeadLetterReason reason = DeadLetterReason.MaxAttemptsExceeded)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAttempts, 1);
        _maxAttempts = maxAttempts;
        _delay = delay;
        _text = text;
        _reason = reason;
    }

    internal delegate TimeSpan DelayOf(in RetryAttempt attempt);

    public override RetryDecision Decide(in RetryAttempt attempt) =>
        attempt.Attempt >= _maxAttempts
            ? RetryDecision.GiveUp(_reason)
            : RetryDecision.RetryAfter(_delay(attempt));

    public override string ToString() => _text;
}
