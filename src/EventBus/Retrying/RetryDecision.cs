namespace EventBus;

/// <summary>Whether a failed delivery is tried again, and when.</summary>
public readonly record struct RetryDecision
{
    private RetryDecision(bool retries, TimeSpan delay, DeadLetterReason reason)
    {
        Retries = retries;
        Delay = delay;
        Reason = reason;
    }

    /// <summary>Whether it is tried again.</summary>
    public bool Retries { get; }

    /// <summary>How long it waits before the next attempt.</summary>
    public TimeSpan Delay { get; }

    /// <summary>Why it is given up, where it is.</summary>
    public DeadLetterReason Reason { get; }

    /// <summary>Try again.</summary>
    /// <param name="delay">How long to wait; not negative.</param>
    public static RetryDecision RetryAfter(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new(true, delay, default);
    }

    /// <summary>Give up: queued, the delivery becomes a dead letter; inline, the exception goes to the publisher.</summary>
    public static RetryDecision GiveUp(DeadLetterReason reason = DeadLetterReason.MaxAttemptsExceeded) => new(false, default, reason);
}
