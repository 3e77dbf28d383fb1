namespace EventBus;

/// <summary>One thing that happened, as <see cref="IFlightRecorder"/> keeps it. The event itself is not kept, nor its headers, its key or an exception's text.</summary>
public sealed record FlightEntry
{
    /// <summary>Counts what was recorded, from 1.</summary>
    public long Number { get; internal set; }

    /// <summary>What happened.</summary>
    public required FlightEntryKind Kind { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <inheritdoc cref="EventMetadata.Id"/>
    public required string EventId { get; init; }

    /// <inheritdoc cref="EventMetadata.Type"/>
    public required string EventType { get; init; }

    /// <inheritdoc cref="EventMetadata.CorrelationId"/>
    public required string CorrelationId { get; init; }

    /// <inheritdoc cref="EventMetadata.CausationId"/>
    public string? CausationId { get; init; }

    /// <summary>The subscription it happened to. Of a publish, the one whose handler published; nothing where none did, or had returned by then, as with what was scheduled.</summary>
    public string? Subscription { get; init; }

    /// <summary>The attempt, from 1. Of an inline subscription the last one: its attempts make one entry.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>How long the attempt took, to some milliseconds; of an inline subscription, all of them and the waits between.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>How long it waits for the next attempt.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>The full name of the exception's type, where something failed.</summary>
    public string? ExceptionType { get; init; }

    /// <inheritdoc cref="EventMetadata.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="EventMetadata.IsReplay"/>
    public bool IsReplay { get; init; }
}

/// <summary>What an entry of the flight recorder is about.</summary>
public enum FlightEntryKind
{
    /// <summary>An event is published; nobody has it yet.</summary>
    Published,

    /// <summary>Its publisher got an exception.</summary>
    PublishFailed,

    /// <summary>A queued or inline subscription, or a stream, gets it. A durable one has no such entry: the log brings it its events.</summary>
    Accepted,

    /// <summary>It did not take it: it had no room, or its publisher stopped waiting. Where it is asked again, or waited for, another <see cref="Accepted"/> follows.</summary>
    NotAccepted,

    /// <summary>Its handler returned; of a stream, it is in the buffer.</summary>
    Handled,

    /// <summary>Inline: its handler failed, and the publisher was told.</summary>
    Failed,

    /// <summary>An attempt failed and is followed by another.</summary>
    Retried,

    /// <summary>It could not be tried and comes again; no attempt is counted.</summary>
    Postponed,

    /// <summary>It was given up.</summary>
    DeadLettered,

    /// <summary>The subscription's filter did not want it.</summary>
    Filtered,

    /// <summary>Its time to live was over.</summary>
    Expired,

    /// <summary>It was recognised as handled before.</summary>
    Duplicate,

    /// <summary>It was dropped for want of room.</summary>
    Dropped,
}
