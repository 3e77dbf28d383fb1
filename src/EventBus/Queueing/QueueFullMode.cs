namespace EventBus;

/// <summary>What happens to a published event when the queue of a subscription, or the buffer of a stream, has no room.</summary>
/// <remarks>A handler that publishes never waits for room in its own bus: where others would wait or be refused it may use the reserve, and a
/// <see cref="QueueFullException"/> tells it when that is full too. A stream has <see cref="DropOldest"/> by default and refuses <see cref="Wait"/>: no publisher waits for a stream.</remarks>
public enum QueueFullMode
{
    /// <summary>The publisher waits for room: back-pressure. The default of a subscription.</summary>
    Wait,

    /// <summary>The publisher gets a <see cref="QueueFullException"/>. A stream ends instead: its reader gets the events that had room, and then a <see cref="StreamOverflowException"/>.</summary>
    Reject,

    /// <summary>The event is dropped for this subscription; counted, logged, and named in the receipt. The reader of a stream sees in <see cref="StreamedEvent{TEvent}.Missed"/> that it missed some.</summary>
    DropNewest,

    /// <summary>The event that has waited longest is dropped for this subscription; counted, logged, and named in the receipt. The reader of a stream sees in <see cref="StreamedEvent{TEvent}.Missed"/> that it missed some.</summary>
    DropOldest,
}
