namespace EventBus;

/// <summary>The event was not, or is not known to be, accepted by all who should get it.</summary>
/// <remarks>Only exceptions derived from this one mean that. A failed inline handler throws its own exception.</remarks>
public class PublishException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PublishException()
        : base("The event was not accepted.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public PublishException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public PublishException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The subscriptions that do not have the event although all others have it; none where nobody has it, or where it is not known who has.</summary>
    internal IReadOnlyList<string>? MissedBy { get; set; }
}
