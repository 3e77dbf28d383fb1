namespace EventBus.Recording;

/// <summary>The events of one commit, in order of sequence.</summary>
/// <param name="PreviousHead">The log's head before: whoever has read up to there has missed nothing.</param>
/// <param name="Head">The log's head now.</param>
/// <param name="Events">The events that were appended. A list, so that going through it allocates nothing; the writer uses it again.</param>
internal readonly record struct CommittedBatch(long PreviousHead, long Head, List<AppendedEvent> Events);

/// <summary>An event that was appended, with the instance that was published.</summary>
internal readonly record struct AppendedEvent(object Event, Events.Stamp Stamp, Events.EventDetails Details)
{
    /// <summary>Gives it its places in the queues; none where no queue gets it.</summary>
    public Placement? Placement { get; init; }
}
