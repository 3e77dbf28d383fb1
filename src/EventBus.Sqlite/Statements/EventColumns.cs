using EventBus.Storage;

namespace EventBus.Sqlite.Statements;

/// <summary>The columns that the tables of events, dead letters and scheduled events have in common.</summary>
internal static class EventColumns
{
    public const string Names = "time, type, is_id_given, id, source, subject, key, correlation_id, causation_id, headers, expires_at, checksum, body, trace_parent, trace_state";

    /// <summary>The parameters of <see cref="Names"/>.</summary>
    public const string Parameters = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

    public static void Bind(Statement statement, int first, LogRecord record, long type)
    {
        statement.Bind(first, record.Time.ToUnixTimeMilliseconds());
        statement.Bind(first + 1, type);
        statement.Bind(first + 2, record.IsIdGiven);
        statement.Bind(first + 3, record.Id);
        statement.Bind(first + 4, record.Source);
        statement.Bind(first + 5, record.Subject);
        statement.Bind(first + 6, record.Key);
        statement.Bind(first + 7, record.CorrelationId);
        statement.Bind(first + 8, record.CausationId);
        statement.Bind(first + 9, record.Headers);
        statement.Bind(first + 10, record.ExpiresAt?.ToUnixTimeMilliseconds());
        statement.Bind(first + 11, record.Checksum);
        statement.Bind(first + 12, record.Body.Span);
        statement.Bind(first + 13, record.TraceParent);
        statement.Bind(first + 14, record.TraceState);
    }

    public static LogRecord Read(Statement statement, int first, long sequence, EventTypes types)
    {
        var (type, version) = types.Of(statement.Int64(first + 1));
        return Read(statement, first, sequence, type, version);
    }

    private static LogRecord Read(Statement statement, int first, long sequence, string type, int version) => new()
    {
        Sequence = sequence,
        Time = statement.Time(first),
        Type = type,
        TypeVersion = version,
        IsIdGiven = statement.Boolean(first + 2),
        Id = statement.Text(first + 3),
        Source = statement.TextOrNull(first + 4),
        Subject = statement.TextOrNull(first + 5),
        Key = statement.TextOrNull(first + 6),
        CorrelationId = statement.TextOrNull(first + 7),
        CausationId = statement.TextOrNull(first + 8),
        Headers = statement.TextOrNull(first + 9),
        ExpiresAt = statement.IsNull(first + 10) ? null : statement.Time(first + 10),
        Checksum = (uint)statement.Int64(first + 11),
        Body = statement.Blob(first + 12),
        TraceParent = statement.TextOrNull(first + 13),
        TraceState = statement.TextOrNull(first + 14),
    };
}
