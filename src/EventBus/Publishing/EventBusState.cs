namespace EventBus;

/// <summary>Where a bus stands between its start and its end.</summary>
public enum EventBusState
{
    /// <summary>It was built. The first publish starts it, or <see cref="IEventBus.StartAsync"/>.</summary>
    NotStarted,

    /// <summary>It takes events and handles them.</summary>
    Started,

    /// <summary>It takes events only from handlers that still run, and settles what was accepted.</summary>
    Stopping,

    /// <summary>It takes no events and handles none; it may be started again.</summary>
    Stopped,

    /// <summary>It has ended for good.</summary>
    Disposed,
}
