using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Reading;

/// <summary>Reads scheduled events.</summary>
internal sealed class ScheduleReader(Session session, EventTypes types)
{
    private readonly Statement _first = session.Statement($"SELECT {ScheduledColumns.Names} FROM scheduled ORDER BY due, entry LIMIT ?");

    public List<LogScheduledEvent> Read(int count)
    {
        var first = new List<LogScheduledEvent>();
        _first.Bind(1, count);
        using var rows = _first.Query();
        while (rows.Next())
            first.Add(ScheduledColumns.Read(_first, types));
        return first;
    }
}
