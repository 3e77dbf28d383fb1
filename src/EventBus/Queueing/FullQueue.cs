namespace EventBus;

/// <summary>What happens to a published event when a subscription's queue has no room.</summary>
/// <remarks>A handler that publishes never waits for room in its own bus: where others would wait or be refused it may use the reserve, and a
/// <see cref="QueueFullException"/> tells it when that is full too.</remarks>
public enum FullQueue
{
    /// <summary>The publisher waits for room: back-pressure. The default.</summary>
    Wait,

    /// <summary>The publisher gets a <see cref="QueueFullException"/>.</summary>
    Reject,

    /// <summary>The event is dropped for this subscription; counted, logged, and named in the receipt.</summary>
    DropNewest,

    /// <summary>The event that has waited longest is dropped for this subscription; counted, logged, and named in the receipt.</summary>
    DropOldest,
}
