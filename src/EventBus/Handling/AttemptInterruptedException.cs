namespace EventBus;

/// <summary>The failure of an attempt during which the process died. The bus learns of it when it is started again; retry policies and dead letters see it.</summary>
public sealed class AttemptInterruptedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AttemptInterruptedException()
        : base("The process ended while the handler ran. If this event ends it each time, the handler has a stack overflow, a fail-fast or too large a use of memory.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public AttemptInterruptedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public AttemptInterruptedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
