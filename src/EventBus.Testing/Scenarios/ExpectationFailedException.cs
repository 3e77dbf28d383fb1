namespace EventBus.Testing;

/// <summary>What a test expected of a bus did not happen. The message names it and shows what happened instead. Every test framework reports it as a failure.</summary>
public sealed class ExpectationFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ExpectationFailedException()
    {
    }

    /// <summary>Creates the exception.</summary>
    public ExpectationFailedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public ExpectationFailedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
