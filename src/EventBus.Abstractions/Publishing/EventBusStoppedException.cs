namespace EventBus;

/// <summary>The bus is stopping, stopped or disposed and takes no more events.</summary>
public sealed class EventBusStoppedException : PublishException
{
    /// <summary>Creates the exception.</summary>
    public EventBusStoppedException()
        : base("The bus has stopped and takes no more events. Publish before it stops, or start it again.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventBusStoppedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public EventBusStoppedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
