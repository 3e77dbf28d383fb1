using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Writing;

/// <summary>Writes scheduled events.</summary>
internal sealed class ScheduleWriter(Session session, EventTypes types)
{
    private readonly Statement _add = session.Statement($"INSERT INTO scheduled ({ScheduledColumns.Names}) VALUES (?, ?, {EventColumns.Parameters}) ON CONFLICT (id) DO NOTHING");
    private readonly Statement _get = session.Statement($"SELECT {ScheduledColumns.Names} FROM scheduled WHERE id = ?");
    private readonly Statement _remove = session.Statement("DELETE FROM scheduled WHERE id = ?");

    public bool Add(LogScheduledEvent scheduled)
    {
        var record = scheduled.Record;
        _add.Bind(1, scheduled.Due.ToUnixTimeMilliseconds());
        _add.Bind(2, scheduled.TimeToLive?.Ticks);
        EventColumns.Bind(_add, 3, record, types.NumberOf(record.Type, record.TypeVersion));
        _add.Execute();
        return session.Changes == 1;
    }

    public LogScheduledEvent? Remove(string id)
    {
        if (Get(id) is not { } scheduled)
            return null;
        _remove.Bind(1, id);
        _remove.Execute();
        return scheduled;
    }

    private LogScheduledEvent? Get(string id)
    {
        _get.Bind(1, id);
        using var rows = _get.Query();
        return rows.Next() ? ScheduledColumns.Read(_get, types) : null;
    }
}
