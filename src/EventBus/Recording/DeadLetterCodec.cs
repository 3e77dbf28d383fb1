using EventBus.Events;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Turns dead letters into what the log keeps of them, and back.</summary>
internal static class DeadLetterCodec
{
    /// <summary>A letter with the event's own bytes, as they stand in the log or in an earlier letter.</summary>
    public static LogDeadLetter ToStored(DeadLetter letter, LogRecord record) => new()
    {
        Id = letter.Id,
        Subscription = letter.Subscription,
        Record = record,
        Reason = letter.Reason,
        Attempts = letter.Attempts,
        ExceptionType = letter.ExceptionType,
        Description = letter.Description,
        ExceptionText = letter.ExceptionText,
        LastAttemptTime = letter.LastAttemptTime,
        IsSuperseded = letter.IsSuperseded,
    };

    /// <summary>The record of an event that is not in the log, or not any more.</summary>
    /// <exception cref="ArgumentException">It cannot be stored.</exception>
    public static LogRecord RecordOf(DeadLetter letter, RecordCodec codec)
    {
        var metadata = letter.Metadata;
        var details = new EventDetails
        {
            Id = metadata.Id,
            Source = metadata.Source,
            Subject = metadata.Subject,
            Key = metadata.Key,
            CorrelationId = metadata.CorrelationId,
            CausationId = metadata.CausationId,
            Headers = metadata.Headers,
            Trace = TraceContext.Of(metadata.TraceParent, metadata.TraceState),
        };
        return codec.Encode(letter.Event, new Stamp(metadata.Time.UtcTicks, 0), details, null) with { Sequence = metadata.Sequence ?? 0 };
    }

    public static DeadLetter FromStored(LogDeadLetter stored, RecordCodec codec) => new()
    {
        Id = stored.Id,
        Event = codec.Decode(stored.Record),
        Metadata = RecordCodec.MetadataOf(stored.Record, stored.Subscription, stored.Attempts),
        Reason = stored.Reason,
        ExceptionType = stored.ExceptionType,
        Description = stored.Description,
        ExceptionText = stored.ExceptionText,
        LastAttemptTime = stored.LastAttemptTime,
        IsSuperseded = stored.IsSuperseded,
    };
}
