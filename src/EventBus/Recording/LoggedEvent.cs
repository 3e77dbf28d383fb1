namespace EventBus;

/// <summary>An event read from the log.</summary>
/// <param name="Event">The event; an <see cref="UnreadableEvent"/> where its bytes could not be turned into one.</param>
/// <param name="Metadata">What is known of it.</param>
public sealed record LoggedEvent(object Event, EventMetadata Metadata)
{
    /// <summary>The event's number in the log.</summary>
    public long Sequence => Metadata.Sequence!.Value; // What is in the log has one.
}
