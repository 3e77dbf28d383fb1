namespace EventBus.Testing;

/// <summary>What has become of a delivery so far.</summary>
public enum DeliveryState
{
    /// <summary>It waits for its turn.</summary>
    Waiting,

    /// <summary>Its handler runs.</summary>
    Running,

    /// <summary>It waits for the time of its next attempt.</summary>
    Retrying,

    /// <summary>Its handler returned.</summary>
    Handled,

    /// <summary>Inline only: its handler failed, and the publisher was told.</summary>
    Failed,

    /// <summary>It was given up.</summary>
    DeadLettered,

    /// <summary>The subscription's filter did not want it.</summary>
    Filtered,

    /// <summary>Its time to live was over.</summary>
    Expired,

    /// <summary>It was recognised as handled before, and skipped.</summary>
    Duplicate,

    /// <summary>It was dropped: for want of room, or because its subscription ended.</summary>
    Dropped,

    /// <summary>The process died, and it was not in the log.</summary>
    Lost,
}
