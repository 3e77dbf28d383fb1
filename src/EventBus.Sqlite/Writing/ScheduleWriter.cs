using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Writing;

/// <summary>Writes scheduled events.</summary>
internal sealed class ScheduleWriter(Session session, EventTypes types)
{
    private readonly Statement _add = session.Statement($"INSERT INTO scheduled ({ScheduledColumns.Names}) VALUES (?, ?, {EventColumns.Parameters})");
    private readonly Statement _find = session.Statement("SELECT entry, type FROM scheduled WHERE id = ? AND source IS ? ORDER BY entry");
    private readonly Statement _get = session.Statement($"SELECT {ScheduledColumns.Names} FROM scheduled WHERE entry = ?");
    private readonly Statement _remove = session.Statement("DELETE FROM scheduled WHERE entry = ?");

    public LogScheduledEvent? Add(LogScheduledEvent scheduled, Func<string, bool>? isSameType)
    {
        var record = scheduled.Record;
        if (Find(record.Type, record.Source, record.Id, isSameType) is { } found)
            return Get(found);
        var (due, timeToLive) = (scheduled.Due.ToUnixTimeMilliseconds(), scheduled.TimeToLive?.Ticks);
        _add.Bind(1, due);
        _add.Bind(2, timeToLive);
        EventColumns.Bind(_add, 3, record, types.NumberOf(record.Type, record.TypeVersion), RowChecksum.Of(record.Checksum, due, timeToLive));
        _add.Execute();
        return null;
    }

    public LogScheduledEvent? Remove(string type, string? source, string id, Func<string, bool>? isSameType)
    {
        if (Find(type, source, id, isSameType) is not { } found)
            return null;
        var scheduled = Get(found);
        _remove.Bind(1, found);
        _remove.Execute();
        return scheduled;
    }

    private long? Find(string type, string? source, string id, Func<string, bool>? isSameType)
    {
        _find.Bind(1, id);
        _find.Bind(2, source);
        using var rows = _find.Query();
        while (rows.Next())
        {
            if (types.IsOf(_find.Int64(1), type, isSameType))
                return _find.Int64(0);
        }

        return null;
    }

    private LogScheduledEvent? Get(long entry)
    {
        _get.Bind(1, entry);
        using var rows = _get.Query();
        return rows.Next() ? ScheduledColumns.Read(_get, types) : null;
    }
}
