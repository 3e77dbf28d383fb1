namespace EventBus;

/// <summary>Says that an event is not valid: trying again is useless, and the delivery becomes a dead letter at once, with the reason.</summary>
public class InvalidEventException : DoNotRetryException
{
    /// <summary>Creates the exception.</summary>
    public InvalidEventException()
        : base("The event is not valid.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the event; the dead letter keeps it.</param>
    public InvalidEventException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public InvalidEventException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
