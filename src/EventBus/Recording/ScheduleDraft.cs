using System.Collections.Immutable;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The scheduled events as a transaction leaves them.</summary>
internal sealed class ScheduleDraft(LogContents before, InMemoryLogOwner owner)
{
    private readonly ImmutableSortedSet<ScheduledRow>.Builder _scheduled = before.Scheduled.ToBuilder();
    private readonly ImmutableSortedSet<ScheduledIdRow>.Builder _ids = before.ScheduledIds.ToBuilder();

    /// <summary>By how much the log has grown; negative if more was removed than added.</summary>
    public long Growth { get; private set; }

    public LogScheduledEvent? Add(LogScheduledEvent scheduled, Func<string, bool>? isSameType)
    {
        var record = scheduled.Record;
        if (Find(record.Type, record.Source, record.Id, isSameType) is { } found)
            return found.Row.Scheduled;
        var kept = scheduled with { Record = EventDraft.Kept(record), Due = LogTime.Of(scheduled.Due) };
        var row = new ScheduledRow(kept.Due, owner.NextNumber(), kept);
        _scheduled.Add(row);
        _ids.Add(new(record.Id, row.Number, row));
        Growth += LogContents.SizeOf(kept.Record);
        return null;
    }

    public LogScheduledEvent? Remove(string type, string? source, string id, Func<string, bool>? isSameType)
    {
        if (Find(type, source, id, isSameType) is not { } found)
            return null;
        _ids.Remove(found);
        _scheduled.Remove(found.Row);
        Growth -= LogContents.SizeOf(found.Row.Scheduled.Record);
        return found.Row.Scheduled;
    }

    public LogContents Into(LogContents contents) =>
        contents with { Scheduled = _scheduled.ToImmutable(), ScheduledIds = _ids.ToImmutable() };

    private ScheduledIdRow? Find(string type, string? source, string id, Func<string, bool>? isSameType)
    {
        foreach (var row in _ids.From(new(id, 0)))
        {
            if (row.Id != id)
                break;
            if (row.Row.Scheduled.Record is var record && record.Source == source && SameType.Is(type, record.Type, isSameType))
                return row;
        }

        return null;
    }
}
