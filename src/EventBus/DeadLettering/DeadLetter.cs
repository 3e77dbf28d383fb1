using System.Text.Json.Serialization;

namespace EventBus;

/// <summary>A delivery given up on, kept with its reason.</summary>
public sealed record DeadLetter
{
    /// <summary>Names the dead letter in its store. Grows with time: listing pages by it.</summary>
    public required long Id { get; init; }

    /// <summary>The event.</summary>
    public required object Event { get; init; }

    /// <summary>What was known about the last attempt: subscription, event id and time, attempts made.</summary>
    public required EventMetadata Metadata { get; init; }

    /// <summary>Why it was given up.</summary>
    public required DeadLetterReason Reason { get; init; }

    /// <summary>The type of the last attempt's exception.</summary>
    public required string ExceptionType { get; init; }

    /// <summary>The message of the last attempt's exception.</summary>
    public required string Description { get; init; }

    /// <summary>The last attempt's exception with its stack, as text.</summary>
    public required string ExceptionText { get; init; }

    /// <summary>The last attempt's exception itself, while this process has it: for <see cref="EventBusBuilder.OnDeadLetter"/>, and in a letter that is kept in memory, which therefore keeps alive what the exception refers to. None in a
    /// letter that was read from storage, such as the event log: that has its type and text. Not part of the letter as JSON.</summary>
    [JsonIgnore]
    public Exception? Exception { get; init; }

    /// <summary>When the last attempt ended, in UTC.</summary>
    public required DateTimeOffset LastAttemptTime { get; init; }

    /// <summary>Durable only: whether a replay has given the same event to the subscription again since.</summary>
    public bool IsSuperseded { get; init; }

    /// <summary>The subscription that gave up.</summary>
    public string Subscription => Metadata.Subscription;

    /// <summary>How many attempts were made.</summary>
    public int Attempts => Metadata.Attempt;
}
