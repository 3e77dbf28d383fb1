using EventBus.Sqlite.Statements;
using EventBus.Storage;

namespace EventBus.Sqlite.Reading;

/// <summary>Reads dead letters.</summary>
internal sealed class DeadLetterReader(Session session, EventTypes types)
{
    private const string Columns = $"dead_letter, subscription, is_superseded, reason, attempts, last_attempt, exception_type, description, exception_text, sequence, {EventColumns.Names}";

    private readonly Statement _one = session.Statement($"SELECT {Columns} FROM dead_letters WHERE dead_letter = ?");
    private readonly Dictionary<LetterConditions, Statement> _pages = [];
    private readonly Dictionary<LetterConditions, Statement> _counts = [];

    public LogDeadLetter? Read(long id)
    {
        _one.Bind(1, id);
        using var rows = _one.Query();
        return rows.Next() ? Letter(_one) : null;
    }

    public List<LogDeadLetter> Read(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken) =>
        session.Interruptible(() => Page(query, afterId, count), cancellationToken);

    public long Count(DeadLetterQuery query, CancellationToken cancellationToken) => session.Interruptible(() => Count(query), cancellationToken);

    private List<LogDeadLetter> Page(DeadLetterQuery query, long afterId, int count)
    {
        var page = new List<LogDeadLetter>();
        var statement = Get(_pages, query, $"SELECT {Columns} FROM dead_letters WHERE is_redriven = 0 AND dead_letter > ?1", " ORDER BY dead_letter LIMIT ?2");
        statement.Bind(1, afterId);
        statement.Bind(2, count);
        LetterFilter.Bind(statement, query);
        using var rows = statement.Query();
        while (rows.Next())
            page.Add(Letter(statement));
        return page;
    }

    private long Count(DeadLetterQuery query)
    {
        // The parameters keep the numbers that they have in a page.
        var statement = Get(_counts, query, "SELECT count(*) FROM dead_letters WHERE is_redriven = 0", "");
        LetterFilter.Bind(statement, query);
        using var rows = statement.Query();
        rows.Next();
        return statement.Int64(0);
    }

    private LogDeadLetter Letter(Statement statement) => new()
    {
        Id = statement.Int64(0),
        Subscription = statement.Text(1),
        IsSuperseded = statement.Boolean(2),
        Reason = (DeadLetterReason)statement.Int32(3),
        Attempts = statement.Int32(4),
        LastAttemptTime = statement.Time(5),
        ExceptionType = statement.Text(6),
        Description = statement.Text(7),
        ExceptionText = statement.Text(8),
        Record = EventColumns.Read(statement, 10, statement.Int64(9), types),
    };

    private Statement Get(Dictionary<LetterConditions, Statement> statements, DeadLetterQuery query, string before, string after)
    {
        var conditions = LetterFilter.ConditionsOf(query);
        if (!statements.TryGetValue(conditions, out var statement))
        {
            statement = session.Statement(before + LetterFilter.Sql(conditions) + after);
            statements.Add(conditions, statement);
        }

        return statement;
    }
}
