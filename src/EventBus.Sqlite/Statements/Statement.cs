using SQLitePCL;

namespace EventBus.Sqlite.Statements;

/// <summary>A statement of a session: prepared once, at its first use; then bound, run and reset, without an allocation. Parameters count from 1, columns from 0.</summary>
internal sealed class Statement(Session session, string sql) : IDisposable
{
    // https://www.sqlite.org/c3ref/c_prepare_dont_log.html: the statement is kept for long.
    private const uint Persistent = 1;

    private sqlite3_stmt? _statement;

    public void Bind(int parameter, long value) => session.Check(raw.sqlite3_bind_int64(Prepared(), parameter, value));

    public void Bind(int parameter, bool value) => Bind(parameter, value ? 1 : 0);

    public void Bind(int parameter, ReadOnlySpan<byte> value) => session.Check(raw.sqlite3_bind_blob(Prepared(), parameter, value));

    public void Bind(int parameter, long? value)
    {
        if (value is { } number)
            Bind(parameter, number);
        else
            session.Check(raw.sqlite3_bind_null(Prepared(), parameter));
    }

    public void Bind(int parameter, string? value)
    {
        if (value is null)
        {
            session.Check(raw.sqlite3_bind_null(Prepared(), parameter));
            return;
        }

        var bytes = session.TextBuffer(StoredText.MaxLength(value));
        session.Check(raw.sqlite3_bind_text(Prepared(), parameter, (ReadOnlySpan<byte>)bytes[..StoredText.Encode(value, bytes)]));
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Execute()
    {
        var code = raw.sqlite3_step(Prepared());
        if (code != raw.SQLITE_DONE)
            Fail(code);
        raw.sqlite3_reset(_statement);
    }

    /// <summary>Begins to run a statement that gives rows. Dispose what is returned: a statement that is left open keeps its view of the file, and the journal would
    /// grow for as long.</summary>
    public Rows Query() => new(this);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>A time. One that a damaged row puts beyond the calendar is the nearest that there is: whatever the file holds, it can be read.</summary>
    public DateTimeOffset Time(int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(Int64(column), DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    public int Int32(int column) => (int)Int64(column);

    public bool Boolean(int column) => Int64(column) != 0;

    public string Text(int column) => StoredText.Decode(raw.sqlite3_column_blob(_statement, column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public bool IsBlob(int column, ReadOnlySpan<byte> value) => raw.sqlite3_column_blob(_statement, column).SequenceEqual(value);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose()
    {
        _statement?.Dispose();
        _statement = null;
    }

    private sqlite3_stmt Prepared()
    {
        if (_statement is null)
            session.Check(raw.sqlite3_prepare_v3(session.Handle, sql, Persistent, out _statement));
        return _statement!;
    }

    private void Fail(int code)
    {
        try
        {
            session.Check(code == raw.SQLITE_ROW ? raw.SQLITE_MISUSE : code);
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>The rows of a statement, one at a time.</summary>
    internal readonly ref struct Rows(Statement statement)
    {
        public bool Next()
        {
            var code = raw.sqlite3_step(statement.Prepared());
            if (code == raw.SQLITE_ROW)
                return true;
            if (code != raw.SQLITE_DONE)
                statement.Fail(code);
            return false;
        }

        // The result repeats an error that has been thrown already.
        public void Dispose() => raw.sqlite3_reset(statement._statement);
    }
}
