using System.Globalization;
using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Reading;

/// <summary>Reads events.</summary>
internal sealed class EventReader(Session session, EventTypes types)
{
    private readonly Statement _one = session.Statement($"SELECT sequence, {EventColumns.Names} FROM events WHERE sequence = ?");

    // From the first event on: the times of events need not grow. It stops at the first that it finds, and reads no bodies.
    private readonly Statement _atTime = session.Statement("SELECT sequence FROM events WHERE time >= ? ORDER BY sequence LIMIT 1");

    private readonly Dictionary<EventConditions, Statement> _pages = [];
    private readonly Snapshot _snapshot = new(session);

    public List<LogRecord> Read(long after, int count, LogFilter? filter, CancellationToken cancellationToken)
    {
        // A type that is committed between two statements would be missing in the first and there in the second, and its event would be passed over for good.
        using var view = _snapshot.Begin();
        return session.Interruptible(() => Page(after, count, filter), cancellationToken);
    }

    public List<LogRecord> Read(IReadOnlyList<long> sequences)
    {
        using var view = _snapshot.Begin();
        var found = new List<LogRecord>(sequences.Count);
        foreach (var sequence in sequences)
        {
            _one.Bind(1, sequence);
            using var rows = _one.Query();
            if (rows.Next())
                found.Add(Record(_one));
        }

        return found;
    }

    public long? ReadSequenceAt(DateTimeOffset time, CancellationToken cancellationToken) => session.Interruptible(
        () =>
        {
            _atTime.Bind(1, time.ToUnixTimeMilliseconds());
            using var rows = _atTime.Query();
            return rows.Next() ? _atTime.Int64(0) : (long?)null;
        },
        cancellationToken);

    private List<LogRecord> Page(long after, int count, LogFilter? filter)
    {
        var page = new List<LogRecord>();
        var statement = Page(EventFilter.ConditionsOf(filter));
        statement.Bind(1, after);
        statement.Bind(2, count);
        if (filter is not null)
            EventFilter.Bind(statement, filter, Numbers(filter));
        using var rows = statement.Query();
        while (rows.Next())
            page.Add(Record(statement));
        return page;
    }

    private LogRecord Record(Statement statement) => EventColumns.Read(statement, 1, statement.Int64(0), types);

    private string? Numbers(LogFilter filter) =>
        filter.Types is null ? null : $"[{string.Join(',', types.NumbersOf(filter.Types).Select(static number => number.ToString(CultureInfo.InvariantCulture)))}]";

    private Statement Page(EventConditions conditions)
    {
        if (!_pages.TryGetValue(conditions, out var statement))
        {
            statement = session.Statement($"SELECT sequence, {EventColumns.Names} FROM events WHERE sequence > ?1{EventFilter.Sql(conditions)} ORDER BY sequence LIMIT ?2");
            _pages.Add(conditions, statement);
        }

        return statement;
    }
}
