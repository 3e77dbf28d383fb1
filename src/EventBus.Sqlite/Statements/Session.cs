using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EventBus.Sqlite.Statements;

/// <summary>One connection with the statements that are prepared on it. Used by one thread at a time.</summary>
/// <remarks>Statements go to SQLite directly: an ADO command costs some microseconds and 400 bytes for each row.</remarks>
internal sealed class Session : IDisposable
{
    private const int KeptBuffer = 64 * 1024;

    private readonly SqliteConnection _connection;
    private readonly List<Statement> _statements = [];
    private readonly TimeSpan _wait;
    private byte[] _buffer = new byte[1024];

    private Session(SqliteConnection connection, string file, TimeSpan wait)
    {
        _connection = connection;
        File = file;
        _wait = wait;
        Handle = connection.Handle!;
        raw.sqlite3_busy_timeout(Handle, (int)wait.TotalMilliseconds);
        raw.sqlite3_extended_result_codes(Handle, 1);
    }

    public string File { get; }

    public sqlite3 Handle { get; }

    /// <summary>Whether something failed since this was last set to <see langword="false"/>. A transaction that has lost one of its changes must not commit the others.</summary>
    public bool HasFailed { get; set; }

    public bool IsInTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>How many rows the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(Handle);

    /// <exception cref="EventLogException">The file cannot be opened.</exception>
    public static Session Connect(string connectionString, string file, TimeSpan wait)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            return new(connection, file, wait);
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw SqliteFailure.Of(exception, file, wait);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A statement of this session's own, prepared when it is first used and kept.</summary>
    public Statement Statement(string sql)
    {
        var statement = new Statement(this, sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Runs statements that are used once.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(Handle, sql));

    /// <summary>Runs a statement that is used once and gives the first column of its first row.</summary>
    public long Scalar(string sql)
    {
        using var statement = new Statement(this, sql);
        using var rows = statement.Query();
        return rows.Next() ? statement.Int64(0) : 0;
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw Failure(code);
    }

    /// <summary>Does work whose statements a token ends, wherever they are.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public T Interruptible<T>(Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var interruption = new Interruption(Handle, cancellationToken);
        try
        {
            return work();
        }
        catch (EventLogException) when (cancellationToken.IsCancellationRequested)
        {
            // The statement was ended, and looks as one that failed.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Makes the exception for a request that cannot be met, and remembers it as a failure.</summary>
    public EventLogException Refusal(string message)
    {
        HasFailed = true;
        return new EventLogException(message);
    }

    /// <summary>Undoes what the open transaction did, if there is one. SQLite has ended it by itself after some failures.</summary>
    public void RollBack()
    {
        // With a broken disk this fails too. The transaction is given up all the same, and it was never committed.
        if (IsInTransaction)
            raw.sqlite3_exec(Handle, "ROLLBACK");
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _connection.Dispose();
    }

    /// <summary>A buffer for the bytes of one text. The next call may give the same.</summary>
    internal Span<byte> TextBuffer(int length)
    {
        if (length <= _buffer.Length)
            return _buffer;
        if (length > KeptBuffer)
            return new byte[length];
        return _buffer = new byte[KeptBuffer];
    }

    private EventLogException Failure(int code)
    {
        HasFailed = true;
        return SqliteFailure.Of(code, raw.sqlite3_errmsg(Handle).utf8_to_string(), File, _wait);
    }
}
