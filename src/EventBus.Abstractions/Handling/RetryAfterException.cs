namespace EventBus;

/// <summary>Thrown by a handler that knows when trying again makes sense. It counts as an attempt; the delay replaces the
/// policy's, the policy's bounds stay.</summary>
public class RetryAfterException : Exception
{
    /// <summary>Creates the exception with no delay.</summary>
    public RetryAfterException()
        : this(TimeSpan.Zero)
    {
    }

    /// <summary>Creates the exception with no delay.</summary>
    public RetryAfterException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with no delay.</summary>
    public RetryAfterException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="delay">How long to wait before the next attempt; not negative.</param>
    /// <param name="innerException">Why.</param>
    public RetryAfterException(TimeSpan delay, Exception? innerException = null)
        : base($"The handler asked to be tried again after {delay}.", innerException)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Delay = delay;
    }

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Delay { get; }
}
