using EventBus.Sqlite.Files;
using EventBus.Sqlite.Opening;
using EventBus.Sqlite.Reading;
using EventBus.Sqlite.Writing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBus.Storage;

/// <summary>An event log in one SQLite file.</summary>
/// <remarks>While it is open, nobody else may own the file: a lock of the operating system on the file of the same name with <c>.lock</c> behind it sees to that, and is
/// freed however the process ends. Other programs may read the file, with transactions that are short.</remarks>
public sealed class SqliteEventLog : IEventLog
{
    private readonly LogFile _file;
    private readonly SqliteEventLogOptions _options;
    private readonly IReadOnlyList<string> _steps;
    private readonly ILogger _logger;
    private OpenLog? _open;
    private SqliteLogTransaction? _transaction;

    /// <summary>Creates the log; the file is made or opened by <see cref="Open"/>.</summary>
    /// <param name="connectionString">As Microsoft.Data.Sqlite understands it, for example <c>Data Source=events.db</c>. It names a file.</param>
    /// <param name="options">The settings; default: those of <see cref="SqliteEventLogOptions"/>.</param>
    /// <param name="logger">Is told what an operator should know; default: nobody is. <c>UseSqlite</c> gives the one of the bus.</param>
    /// <exception cref="ArgumentException">The connection string names no file that can hold a log, or a setting is out of bounds.</exception>
    public SqliteEventLog(string connectionString, SqliteEventLogOptions? options = null, ILogger? logger = null)
        : this(connectionString, options, Schema.Steps, logger)
    {
    }

    internal SqliteEventLog(string connectionString, SqliteEventLogOptions? options, IReadOnlyList<string> steps, ILogger? logger = null)
    {
        _file = LogFile.Of(connectionString);
        _options = (options ?? new()).Checked();
        _steps = steps;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    public string Name => _file.Path;

    /// <summary>What is open, for tests that need the connection itself.</summary>
    internal OpenLog Opened => _open ?? throw new EventLogException($"The event log '{Name}' is not open. Call Open() first.");

    /// <summary>Lets the lock go as a process that dies would, if it is open. For tests of what an owner that is not dead can still do.</summary>
    internal void AbandonLock() => _open?.AbandonLock();

    /// <inheritdoc/>
    public LogOpening Open()
    {
        if (_open is not null)
            throw new EventLogException($"The event log '{Name}' is open already. Close it before you open it again.");
        _open = OpenLog.Open(_file, _options, _steps, _logger);
        return _open.Ownership.Opening;
    }

    /// <inheritdoc/>
    public ILogTransaction Begin()
    {
        var writers = Opened.Writers;
        if (_transaction is { IsOver: false })
            throw new EventLogException($"A transaction of the event log '{Name}' is under way. Commit and dispose it before you begin another one.");
        return _transaction = SqliteLogTransaction.Begin(writers);
    }

    /// <inheritdoc/>
    public void Close(bool clean)
    {
        if (_open is not { } open)
            return;
        _open = null;
        try
        {
            _transaction?.Dispose();
            _transaction = null;
            open.Close(clean);
        }
        catch (EventLogException) when (!clean)
        {
            // The next owner is told that it was not closed, which is so.
        }
        finally
        {
            open.Dispose();
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogRecord> Read(long after, int count, LogFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Opened.Reader.Events.Read(after, count, filter, cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogRecord> Read(IReadOnlyList<long> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return Opened.Reader.Events.Read(sequences);
    }

    /// <inheritdoc/>
    public long? ReadSequenceAt(DateTimeOffset time, CancellationToken cancellationToken = default) => Opened.Reader.Events.ReadSequenceAt(time, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<LogSubscription> ReadSubscriptions() => Opened.Reader.Subscriptions.ReadAll();

    /// <inheritdoc/>
    public IReadOnlyList<LogDelivery> ReadDeliveries(string subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return Opened.Reader.Subscriptions.ReadDeliveries(subscription);
    }

    /// <inheritdoc/>
    public long? ReadFirstDelivery(string subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return Opened.Reader.Subscriptions.ReadFirstDelivery(subscription);
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogDeadLetter> ReadDeadLetters(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Opened.Reader.DeadLetters.Read(query, afterId, count, cancellationToken);
    }

    /// <inheritdoc/>
    public LogDeadLetter? ReadDeadLetter(long id) => Opened.Reader.DeadLetters.Read(id);

    /// <inheritdoc/>
    public long ReadDeadLetterCount(DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Opened.Reader.DeadLetters.Count(query, cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogScheduledEvent> ReadScheduled(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return Opened.Reader.Schedule.Read(count);
    }

    /// <inheritdoc/>
    public LogStatistics ReadStatistics() => Opened.Reader.Health.ReadStatistics();

    /// <inheritdoc/>
    public void Backup(string destination, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(destination);
        LogBackup.Write(Opened.Reader.Session, destination, cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> CheckIntegrity(CancellationToken cancellationToken = default) => Opened.Reader.Health.Check(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => Close(clean: false);
}
