namespace EventBus;

/// <summary>Somebody else kept the event log locked for longer than the bus waits. Nothing of the transaction was written.</summary>
public sealed class EventLogBusyException : EventLogException
{
    /// <summary>Creates the exception.</summary>
    public EventLogBusyException()
        : this("The event log is locked by another connection.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventLogBusyException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventLogBusyException(string message, Exception? innerException)
        : base(message, innerException) =>
        IsTransient = true;
}
