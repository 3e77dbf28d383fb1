namespace EventBus;

/// <summary>A stream has ended because its reader was too slow, and its options want it so: <see cref="QueueFullMode.Reject"/>.</summary>
public sealed class StreamOverflowException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StreamOverflowException()
        : this("A stream had no room.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public StreamOverflowException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StreamOverflowException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
