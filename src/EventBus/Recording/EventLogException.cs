namespace EventBus;

/// <summary>The event log failed. The message names the log, what is wrong and what to do.</summary>
/// <remarks>Thrown by a publish it means that the event is not known to be in the log: it may have been committed before the failure. Publishing it again with
/// the same id stores it once.</remarks>
public class EventLogException : PublishException
{
    /// <summary>Creates the exception.</summary>
    public EventLogException()
        : base("The event log failed.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventLogException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventLogException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the log can be used again by itself, for example when there is room on the disk again. If not, the bus stops using it until it is
    /// started again: it cannot tell what was written any more.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether the log refused one change alone, for example a text that no row can hold: nothing of that change was written, and the log is well. What else was to be
    /// written with it is written without it.</summary>
    public bool IsOfOneChange { get; init; }
}
