namespace EventBus;

/// <summary>An event of a stream.</summary>
/// <param name="Event">The event.</param>
/// <param name="Metadata">What is known of it. Its key is the one it was published with; its subscription is the stream.</param>
public sealed record StreamedEvent<TEvent>(TEvent Event, EventMetadata Metadata)
    where TEvent : notnull
{
    /// <summary>How many events the stream lost between the one before and this one: for want of room, or, from the log, because their bytes could not be turned into an event. They are counted as
    /// <see cref="SubscriptionStatistics.Dropped"/> and logged, too.</summary>
    public long Missed { get; init; }
}
