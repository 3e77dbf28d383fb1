namespace EventBus;

/// <summary>Thrown by a handler that knows that trying again is useless: the delivery becomes a dead letter at once.</summary>
public class DoNotRetryException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DoNotRetryException()
        : base("The handler asked not to be tried again.")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">Why; the dead letter keeps it.</param>
    public DoNotRetryException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public DoNotRetryException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
