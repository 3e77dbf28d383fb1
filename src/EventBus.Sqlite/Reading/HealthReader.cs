using EventBus.Sqlite.Opening;
using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Reading;

/// <summary>Tells how large a log is, and looks for damage.</summary>
internal sealed class HealthReader(Session session)
{
    // What the owner has not settled yet is counted; the rest is known.
    private readonly Statement _statistics = session.Statement("""
        SELECT
            events + (SELECT count(*) FROM events WHERE sequence > log.head),
            ifnull((SELECT min(sequence) FROM events), 0),
            max(head, ifnull((SELECT max(sequence) FROM events), 0)),
            (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count),
            (SELECT page_size FROM pragma_page_size),
            (SELECT count(*) FROM dead_letters),
            (SELECT count(*) FROM scheduled)
        FROM log
        """);

    private readonly Statement _pages = session.Statement("PRAGMA integrity_check");

    private readonly Statement _rows = session.Statement($"""
        {ContentCheck.Rules}
        UNION ALL
        SELECT 'event ' || sequence || ' has a type that the table types does not have' FROM events WHERE type NOT IN (SELECT type FROM types)
        UNION ALL
        SELECT 'dead letter ' || dead_letter || ' has a type that the table types does not have' FROM dead_letters WHERE type NOT IN (SELECT type FROM types)
        UNION ALL
        SELECT 'scheduled event ' || quote(id) || ' has a type that the table types does not have' FROM scheduled WHERE type NOT IN (SELECT type FROM types)
        """);

    public LogStatistics ReadStatistics()
    {
        using var rows = _statistics.Query();
        rows.Next();
        return new()
        {
            Events = _statistics.Int64(0),
            Oldest = _statistics.Int64(1),
            Head = _statistics.Int64(2),
            Bytes = _statistics.Int64(3) * _statistics.Int64(4),
            DeadLetters = _statistics.Int64(5),
            Scheduled = _statistics.Int64(6),
        };
    }

    public List<string> Check(CancellationToken cancellationToken) => session.Interruptible(() => Damage(cancellationToken), cancellationToken);

    private List<string> Damage(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        try
        {
            Read(_pages, found);
            found.Remove("ok");
            // On damaged pages the rows mean nothing.
            if (found.Count == 0)
                Read(_rows, found);
        }
        catch (EventLogException failure) when (!failure.IsTransient && !cancellationToken.IsCancellationRequested)
        {
            // What the check fails on is what it looks for.
            found.Add(failure.Message);
        }

        return found;
    }

    private static void Read(Statement statement, List<string> texts)
    {
        using var rows = statement.Query();
        while (rows.Next())
            texts.Add(statement.Text(0));
    }
}
