namespace EventBus.Testing;

/// <summary>A failure that a test asked for and gave no exception to.</summary>
public sealed class InjectedFaultException : Exception
{
    /// <summary>Creates the exception.</summary>
    public InjectedFaultException()
        : base("The test lets this attempt fail.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public InjectedFaultException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public InjectedFaultException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
