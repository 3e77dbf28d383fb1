namespace EventBus.Queueing;

/// <summary>What a queue said to an event.</summary>
internal enum Admission
{
    Accepted,

    /// <summary>Accepted, and the event that had waited longest was dropped for it.</summary>
    AcceptedDroppingOldest,

    /// <summary>Dropped, as the queue's mode wants it.</summary>
    Dropped,

    /// <summary>No room; the publisher is to be refused.</summary>
    Refused,

    /// <summary>No room; the publisher is to wait for it.</summary>
    MustWait,

    /// <summary>The queue takes nothing any more.</summary>
    Closed,

    /// <summary>The event's key could not be read.</summary>
    KeyFailed,
}
