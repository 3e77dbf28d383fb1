using System.Collections.Immutable;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The events as a transaction leaves them.</summary>
internal sealed class EventDraft(LogContents before, InMemoryLogOwner owner)
{
    private readonly ImmutableSortedSet<EventRow>.Builder _events = before.Events.ToBuilder();
    private readonly ImmutableSortedSet<GivenIdRow>.Builder _givenIds = before.GivenIds.ToBuilder();
    private long _head = before.Head;

    /// <summary>By how much the log has grown; negative if more was removed than added.</summary>
    public long Growth { get; private set; }

    public LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType)
    {
        if (record.IsIdGiven && deduplicateSince is { } since && Find(record, LogTime.Of(since), isSameType) is { } found)
            return new(found.Sequence, IsDuplicate: true, IsSameBody: found.Body.Span.SequenceEqual(record.Body.Span));

        _head = owner.NextSequence();
        var kept = Kept(record) with { Sequence = _head };
        _events.Add(new(_head, kept));
        if (kept.IsIdGiven)
            _givenIds.Add(new(kept.Id, kept.Source, _head));
        Growth += LogContents.SizeOf(kept);
        return new(_head);
    }

    public int Remove(long upTo, DateTimeOffset? before, int count)
    {
        var limit = before is { } time ? LogTime.Of(time) : DateTimeOffset.MaxValue;
        var rows = _events.TakeWhile(row => row.Sequence <= upTo).Where(row => before is null || row.Record.Time < limit).Take(count).ToList();
        foreach (var row in rows)
        {
            _events.Remove(row);
            if (row.Record.IsIdGiven)
                _givenIds.Remove(new(row.Record.Id, row.Record.Source, row.Sequence));
            Growth -= LogContents.SizeOf(row.Record);
        }

        return rows.Count;
    }

    public LogContents Into(LogContents contents) =>
        contents with { Events = _events.ToImmutable(), GivenIds = _givenIds.ToImmutable(), Head = _head };

    /// <summary>A record as a log keeps it: with a body of its own, since the caller's buffer may be used for the next one.</summary>
    public static LogRecord Kept(LogRecord record) => record with
    {
        Time = LogTime.Of(record.Time),
        ExpiresAt = record.ExpiresAt is { } expiry ? LogTime.Of(expiry) : null,
        Body = record.Body.ToArray(),
    };

    private LogRecord? Find(LogRecord record, DateTimeOffset since, Func<string, bool>? isSameType)
    {
        foreach (var row in _givenIds.From(new(record.Id, record.Source, 0)))
        {
            if (row.Id != record.Id || row.Source != record.Source)
                break;
            if (_events.TryGetValue(new(row.Sequence, null!), out var found) && found.Record.Time >= since && SameType.Is(record.Type, found.Record.Type, isSameType))
                return found.Record;
        }

        return null;
    }
}
