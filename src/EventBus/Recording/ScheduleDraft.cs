using System.Collections.Immutable;
using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>The scheduled events as a transaction leaves them.</summary>
internal sealed class ScheduleDraft(LogContents before, InMemoryLogOwner owner)
{
    private readonly ImmutableSortedSet<ScheduledRow>.Builder _scheduled = before.Scheduled.ToBuilder();
    private readonly ImmutableDictionary<string, ScheduledRow>.Builder _byId = before.ScheduledById.ToBuilder();

    /// <summary>By how much the log has grown; negative if more was removed than added.</summary>
    public long Growth { get; private set; }

    public bool Add(LogScheduledEvent scheduled)
    {
        if (_byId.ContainsKey(scheduled.Record.Id))
            return false;
        var kept = scheduled with { Record = EventDraft.Kept(scheduled.Record), Due = LogTime.Of(scheduled.Due) };
        var row = new ScheduledRow(kept.Due, owner.NextNumber(), kept);
        _scheduled.Add(row);
        _byId.Add(kept.Record.Id, row);
        Growth += LogContents.SizeOf(kept.Record);
        return true;
    }

    public LogScheduledEvent? Remove(string id)
    {
        if (!_byId.TryGetValue(id, out var row))
            return null;
        _byId.Remove(id);
        _scheduled.Remove(row);
        Growth -= LogContents.SizeOf(row.Scheduled.Record);
        return row.Scheduled;
    }

    public LogContents Into(LogContents contents) =>
        contents with { Scheduled = _scheduled.ToImmutable(), ScheduledById = _byId.ToImmutable() };
}
