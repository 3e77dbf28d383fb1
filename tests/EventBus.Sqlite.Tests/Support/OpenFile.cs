using EventBus.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace EventBus.Sqlite.Tests.Support;

/// <summary>A log of one test in a folder of its own, open, and another program that has the same file open.</summary>
public sealed class OpenFile : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteEventLogOptions _options;
    private readonly ILogger? _logger;

    public OpenFile(SqliteEventLogOptions? options = null, ILogger? logger = null)
    {
        _logger = logger;
        _options = options ?? new();
        Log = Create();
        Log.Open();
    }

    public SqliteEventLog Log { get; private set; }

    public string Path => _folder.File();

    public string Folder => _folder.Path;

    public SqliteEventLog Create() => new($"Data Source={Path}", _options, _logger);

    /// <summary>Closes the log and opens it again.</summary>
    public LogOpening Restart()
    {
        Log.Dispose();
        Log = Create();
        return Log.Open();
    }

    public T Commit<T>(Func<ILogTransaction, T> work)
    {
        using var transaction = Log.Begin();
        var result = work(transaction);
        transaction.Commit();
        return result;
    }

    public long Append(params LogRecord[] records) => Commit(transaction => records.Select(record => transaction.Append(record, null).Sequence).ToList()[^1]);

    /// <summary>A connection as another program has it.</summary>
    public SqliteConnection Connect() => Connect(Path);

    public static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=false;Default Timeout=1");
        connection.Open();
        return connection;
    }

    public void Dispose()
    {
        Log.Dispose();
        _folder.Dispose();
    }
}
