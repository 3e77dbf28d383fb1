using EventBus.Storage;

namespace EventBus.Sqlite.Statements;

/// <summary>The columns that the tables of events, dead letters and scheduled events have in common.</summary>
internal static class EventColumns
{
    public const string Names = "time, type, is_id_given, id, source, subject, key, correlation_id, causation_id, headers, expires_at, checksum, body, trace_parent, trace_state";

    /// <summary>The parameters of <see cref="Names"/>.</summary>
    public const string Parameters = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

    /// <param name="statement">The statement.</param>
    /// <param name="first">The first parameter of them.</param>
    /// <param name="record">The event.</param>
    /// <param name="type">The number of its type.</param>
    /// <param name="checksum">See <see cref="RowChecksum"/>.</param>
    public static void Bind(Statement statement, int first, LogRecord record, long type, long checksum)
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
        statement.Bind(first + 11, checksum);
        statement.Bind(first + 12, record.Body.Span);
        statement.Bind(first + 13, record.TraceParent);
        statement.Bind(first + 14, record.TraceState);
    }

    /// <summary>An event that has a sequence.</summary>
    public static LogRecord Read(Statement statement, int first, long sequence, EventTypes types) =>
        Read(statement, first, sequence, RowChecksum.Read(Checksum(statement, first), sequence), types);

    public static LogRecord Read(Statement statement, int first, long sequence, uint checksum, EventTypes types)
    {
        var (type, version) = types.Of(statement.Int64(first + 1));
        return Read(statement, first, sequence, type, version, checksum);
    }

    /// <summary>The checksum as it is stored, see <see cref="RowChecksum"/>.</summary>
    public static long Checksum(Statement statement, int first) => statement.Int64(first + 11);

    private static LogRecord Read(Statement statement, int first, long sequence, string type, int version, uint checksum) => new()
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
        Checksum = checksum,
        Body = statement.Blob(first + 12),
        TraceParent = statement.TextOrNull(first + 13),
        TraceState = statement.TextOrNull(first + 14),
    };
}
