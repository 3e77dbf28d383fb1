using System.Buffers;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Recording;

/// <summary>Turns published events into records of the log, and records into events.</summary>
/// <remarks>The first event of each type is read back before it is stored, and written again: a type whose events do not come back is refused when they can still be refused, and not found
/// after a restart. Later events are not looked at, and pay nothing for it.</remarks>
internal sealed class RecordCodec(EventTypeRegistry types, IEventSerializer serializer, int maxBodyBytes, EventIdentity identity, Clock clock)
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    public EventTypeRegistry Types => types;

    /// <exception cref="ArgumentException">The event cannot be stored: its type is unknown, it cannot be serialized, or it or what it carries is too large.</exception>
    public LogRecord Encode(object @event, in Stamp stamp, EventDetails details, string? givenId)
    {
        var type = @event.GetType();
        if (!types.TryGet(type, out var stored))
            throw new ArgumentException($"Event type '{type.FullName}' goes into the event log, because a durable subscription gets it, and is not known by name: nobody could read it again. Add AddEvent<{type.Name}>() to the bus.", nameof(@event));
        AttributeLimits.Check(stored.Name, details);
        var body = Serialize(@event, type, stored);
        if (!stored.IsProven)
            Prove(stored, body);
        return RecordChecksum.Seal(new()
        {
            Id = details.Id!,
            IsIdGiven = givenId is not null,
            Type = stored.Name,
            TypeVersion = stored.Version,
            Time = stamp.Time,
            Source = details.Source,
            Subject = details.Subject,
            Key = details.Key,
            CorrelationId = details.CorrelationId,
            CausationId = details.CausationId,
            Headers = details.Headers is { Count: > 0 } headers ? HeadersText.Of(headers) : null,
            TraceParent = details.Trace?.Parent,
            // Of tracing, and not of the publisher: it is no reason to refuse an event.
            TraceState = details.Trace?.State is { } state && AttributeLimits.Fits(state, EventBusBuilder.MaxAttributeBytes) ? state : null,
            ExpiresAt = details.ExpiresAt == long.MaxValue ? null : ExpiryOf(details.ExpiresAt),
            Body = body,
        });
    }

    /// <summary>A record with other times. One that was damaged does not become whole by that.</summary>
    public static LogRecord At(LogRecord record, DateTimeOffset time, DateTimeOffset? expiresAt)
    {
        var moved = record with { Time = time, ExpiresAt = expiresAt };
        return RecordChecksum.Holds(record) ? RecordChecksum.Seal(moved) : moved with { Checksum = ~RecordChecksum.Of(moved) };
    }

    /// <summary>The record's event, or what stands for it where its bytes cannot be understood. Never throws.</summary>
    public object Decode(LogRecord record)
    {
        if (!RecordChecksum.Holds(record))
            return Unreadable(record, "Its checksum does not match: the row was damaged, or changed by hand. Compare it with a backup, and publish the event again if it matters.");
        if (!types.TryGet(record.Type, out var stored))
            return Unreadable(record, $"No event type has the stored name '{LogText.Safe(record.Type)}'. If it was renamed, give the type an alias: AddEvent<T>(e => e.Alias(\"...\")).");
        if (record.TypeVersion > stored.Version)
            return Unreadable(record, $"It was written as version {record.TypeVersion}, and this application knows version {stored.Version}. Deploy the application that wrote it, or redrive it from there.");
        try
        {
            var @event = serializer.Deserialize(record.Body.Span, stored.Type);
            return stored.Type.IsInstanceOfType(@event)
                ? @event
                : Unreadable(record, $"The serializer read {(@event is null ? "nothing" : $"a '{@event.GetType().FullName}'")} where it was asked for a '{stored.Type.FullName}'.");
        }
        catch (Exception error)
        {
            return Unreadable(record, $"It could not be deserialized as '{stored.Type.FullName}': {error.GetType().Name}: {ExceptionText.MessageOf(error)}") with { Error = error };
        }
    }

    public EventDetails DetailsOf(LogRecord record, bool isReplay, object? earlier) => new()
    {
        Id = record.Id,
        Source = record.Source,
        Subject = record.Subject,
        Key = record.Key,
        CorrelationId = record.CorrelationId,
        CausationId = record.CausationId,
        Root = EventDetails.UnknownRoot,
        Headers = record.Headers is null ? null : HeadersText.Parse(record.Headers),
        Trace = TraceContext.Of(record.TraceParent, record.TraceState),
        ExpiresAt = record.ExpiresAt is { } expiry ? ExpiryAt(expiry) : long.MaxValue,
        Sequence = record.Sequence,
        IsReplay = isReplay,
        Earlier = earlier,
    };

    public static EventMetadata MetadataOf(LogRecord record, string subscription = "", int attempt = 1) => new()
    {
        Id = record.Id,
        Type = record.Type,
        Time = record.Time,
        Source = record.Source,
        Subject = record.Subject,
        Key = record.Key,
        CorrelationId = record.CorrelationId ?? record.Id,
        CausationId = record.CausationId,
        Headers = record.Headers is null ? EventMetadata.EmptyHeaders : HeadersText.Parse(record.Headers),
        TraceParent = record.TraceParent,
        TraceState = record.TraceState,
        Subscription = subscription,
        Attempt = attempt,
        Sequence = record.Sequence == 0 ? null : record.Sequence,
    };

    public static Stamp StampOf(LogRecord record) => new(record.Time.UtcTicks, 0);

    public string IdOf(in Stamp stamp) => identity.IdOf(stamp);

    private static UnreadableEvent Unreadable(LogRecord record, string problem) => new(record.Type, record.TypeVersion, record.Body, problem);

    private byte[] Serialize(object @event, Type type, StoredEventType stored)
    {
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(512);
        buffer.ResetWrittenCount();
        try
        {
            serializer.Serialize(@event, type, buffer);
        }
        catch (Exception error)
        {
            throw new ArgumentException($"Event '{stored.Name}' ({type.FullName}) cannot be serialized for the event log: {ExceptionText.MessageOf(error)}", nameof(@event), error);
        }

        if (buffer.WrittenCount > maxBodyBytes)
        {
            var size = buffer.WrittenCount;
            t_buffer = null;
            throw new ArgumentException($"Event '{stored.Name}' takes {size} bytes in the event log, and the limit is {maxBodyBytes}. Publish a reference to what is large instead, or raise the limit with MaxEventBytes(...).", nameof(@event));
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void Prove(StoredEventType stored, byte[] body, string parameter = "event")
    {
        if (!stored.StoresPart && !serializer.KeepsAll(stored.Type, out var reason))
            throw NotTheSame(stored, reason, parameter);
        object copy;
        try
        {
            copy = serializer.Deserialize(body, stored.Type);
        }
        catch (Exception error)
        {
            throw new ArgumentException($"Event '{stored.Name}' ({stored.Type.FullName}) can be written to the event log and not be read from it: {ExceptionText.MessageOf(error)} Mend the type's constructor or converter.", parameter, error);
        }

        if (!stored.StoresPart && Difference(stored, body, copy) is { } difference)
            throw NotTheSame(stored, difference, parameter);
        stored.IsProven = true;
    }

    private string? Difference(StoredEventType stored, byte[] body, object? copy)
    {
        if (!stored.Type.IsInstanceOfType(copy))
            return $"the serializer read {(copy is null ? "nothing" : $"a '{copy.GetType().FullName}'")}";
        var again = new ArrayBufferWriter<byte>(body.Length + 1);
        try
        {
            serializer.Serialize(copy, stored.Type, again);
        }
        catch (Exception error)
        {
            return $"what was read from the log could not be written again: {ExceptionText.MessageOf(error)}";
        }

        if (serializer is JsonEventSerializer json)
            return json.Difference(body, again.WrittenMemory, stored.Type) is { } place ? $"{place} was another value when it had been read" : null;
        return again.WrittenSpan.SequenceEqual(body) ? null : "its bytes were others when it had been read and written again";
    }

    private static ArgumentException NotTheSame(StoredEventType stored, string difference, string parameter) =>
        new($"Event '{stored.Name}' ({stored.Type.FullName}) would not come back from the event log as it was published: {difference}. Mend the type or its converter, or, where that is meant, say so with AddEvent<{stored.Type.Name}>(e => e.StoresPart()).", parameter);

    private DateTimeOffset ExpiryOf(long expiresAt)
    {
        var left = TimeSpan.FromTicks(expiresAt - clock.Now);
        return Clock.After(clock.UtcNow, left);
    }

    private long ExpiryAt(DateTimeOffset expiry)
    {
        var left = expiry - clock.UtcNow;
        return Clock.After(clock.Now, left);
    }
}
