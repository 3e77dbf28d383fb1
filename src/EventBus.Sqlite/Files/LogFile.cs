using Microsoft.Data.Sqlite;

namespace EventBus.Sqlite.Files;

/// <summary>The file that a connection string names, and how it is opened.</summary>
internal sealed class LogFile
{
    private readonly SqliteConnectionStringBuilder _connectionString;

    private LogFile(SqliteConnectionStringBuilder connectionString) => _connectionString = connectionString;

    /// <summary>The full path. It is fixed when the log is made: a process may change its current folder.</summary>
    public string Path => _connectionString.DataSource;

    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    public string ConnectionString => _connectionString.ToString();

    /// <exception cref="ArgumentException">The connection string does not name a file that can hold a log.</exception>
    public static LogFile Of(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var builder = Parsed(connectionString);
        if (RefusalOf(builder) is { } refusal)
            throw new ArgumentException(refusal, nameof(connectionString));
        builder.DataSource = FinalPath(builder.DataSource);
        // The log keeps its two connections for as long as it is open. One that went back to a pool would keep the file open beyond that.
        builder.Pooling = false;
        builder.ForeignKeys = null;
        return new(builder);
    }

    /// <summary>Makes the file, if there is none and it may be made. Only whoever has the lock does so.</summary>
    public void Create()
    {
        if (_connectionString.Mode != SqliteOpenMode.ReadWriteCreate || File.Exists(Path))
            return;
        try
        {
            OwnersFile.Create(Path, FileMode.OpenOrCreate);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // SQLite is about to say what is wrong with it.
        }
    }

    private static SqliteConnectionStringBuilder Parsed(string connectionString)
    {
        try
        {
            return new(connectionString);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // The text itself may have a password, and is not repeated.
            throw new ArgumentException(
                connectionString.Contains('=', StringComparison.Ordinal)
                    ? $"The event log was given a connection string that Microsoft.Data.Sqlite does not understand: {error.Message} Write it as in 'Data Source=events.db'."
                    : $"The event log was given '{connectionString}', and takes a connection string, not a path. Write 'Data Source={connectionString}'.",
                nameof(connectionString),
                error);
        }
    }

    private static string? RefusalOf(SqliteConnectionStringBuilder builder)
    {
        if (builder.Mode == SqliteOpenMode.Memory || builder.DataSource.Equals(":memory:", StringComparison.OrdinalIgnoreCase))
            return "The event log's connection string names a database in memory, which is gone with its last connection. Name a file, as in 'Data Source=events.db'; for tests there is InMemoryEventLog.";
        if (string.IsNullOrWhiteSpace(builder.DataSource))
            return "The event log's connection string names no file, and SQLite would make one that is deleted when it is closed. Name a file, as in 'Data Source=events.db'.";
        if (builder.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || builder.DataSource.StartsWith('|'))
            return $"The event log's data source '{builder.DataSource}' is not a plain path, so the log cannot tell beside which file to keep its lock. Write the path of the file, as in 'Data Source=events.db'.";
        if (builder.Mode == SqliteOpenMode.ReadOnly)
            return $"The event log's connection string opens '{builder.DataSource}' with Mode=ReadOnly, but a log is written to. Leave Mode out, or set Mode=ReadWrite for a file that must be there already.";
        if (builder.Cache == SqliteCacheMode.Shared)
            return $"The event log's connection string opens '{builder.DataSource}' with Cache=Shared, where a reader locks the writer out. Leave Cache out.";
        return null;
    }

    // A link and its target must have one lock: SQLite itself keeps its journal beside the target.
    private static string FinalPath(string dataSource)
    {
        var path = System.IO.Path.GetFullPath(dataSource);
        return File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path;
    }
}
