namespace EventBus.Storage;

/// <summary>A dead letter as an <see cref="IEventLog"/> keeps it: with a copy of the event, so that the log may forget the event itself.</summary>
public sealed record LogDeadLetter
{
    /// <summary>Names the letter; grows; never used twice, also after letters were removed and the log was opened again. 0 until the log has given one.</summary>
    public long Id { get; init; }

    /// <summary>The subscription that gave up.</summary>
    public required string Subscription { get; init; }

    /// <summary>A copy of the event. Its sequence is 0 for an event that was not in the log.</summary>
    public required LogRecord Record { get; init; }

    /// <summary>Why it was given up.</summary>
    public required DeadLetterReason Reason { get; init; }

    /// <summary>How many attempts were made.</summary>
    public required int Attempts { get; init; }

    /// <summary>The type of the last attempt's exception.</summary>
    public required string ExceptionType { get; init; }

    /// <summary>The message of the last attempt's exception.</summary>
    public required string Description { get; init; }

    /// <summary>The last attempt's exception with its stack, as text.</summary>
    public required string ExceptionText { get; init; }

    /// <summary>When the last attempt ended, in UTC; kept to the millisecond.</summary>
    public required DateTimeOffset LastAttemptTime { get; init; }

    /// <summary>Whether a replay has given the same event to the subscription again since.</summary>
    public bool IsSuperseded { get; init; }
}
