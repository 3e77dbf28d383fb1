using EventBus.Sqlite.Files;
using EventBus.Sqlite.Reading;
using EventBus.Sqlite.Statements;
using EventBus.Sqlite.Writing;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace EventBus.Sqlite.Opening;

/// <summary>A log that is open: the lock, a connection that writes, and one that reads.</summary>
internal sealed class OpenLog : IDisposable
{
    // 4 MB: what a checkpoint writes at once, and what a crash leaves to be read again.
    private const int CheckpointPages = 1000;

    // What the journal is cut to when somebody's long reading had made it grow.
    private const int JournalBytes = 16 * 1024 * 1024;

    private const int WriterCacheKilobytes = 16 * 1024;
    private const int ReaderCacheKilobytes = 4 * 1024;

    private readonly OwnerLock _lock;

    private OpenLog(OwnerLock ownerLock, Session writer, Session reader, Ownership ownership, ILogger logger)
    {
        _lock = ownerLock;
        Writer = writer;
        Ownership = ownership;
        Writers = new(writer, ownership, new(writer, CheckpointPages, logger), new(writer));
        Reader = new(reader);
    }

    public Session Writer { get; }

    public Ownership Ownership { get; }

    public Writers Writers { get; }

    public LogReader Reader { get; }

    /// <exception cref="EventLogException">The log cannot be opened. Nothing was changed and nothing is held.</exception>
    public static OpenLog Open(LogFile file, SqliteEventLogOptions options, IReadOnlyList<string> steps, ILogger logger)
    {
        var ownerLock = OwnerLock.Take(file);
        Session? writer = null;
        Session? reader = null;
        try
        {
            file.Create();
            writer = Connect(file, options);
            Migration.VersionOf(writer, steps.Count);
            Prepare(writer, options);
            Migration.Run(writer, steps);
            ContentCheck.Run(writer);
            reader = Connect(file, options);
            reader.Execute($"PRAGMA cache_size = -{ReaderCacheKilobytes}; PRAGMA query_only = 1");
            return new(ownerLock, writer, reader, Ownership.TakeOver(writer), logger);
        }
        catch
        {
            reader?.Dispose();
            writer?.Dispose();
            ownerLock.Dispose();
            throw;
        }
    }

    /// <summary>Writes down that the log is closed, and empties the journal into the file unless somebody is reading it.</summary>
    public void Close(bool isClean)
    {
        Ownership.Close(isClean);
        // Not worth waiting for: what stays in the journal is read from there.
        raw.sqlite3_busy_timeout(Writer.Handle, 0);
        raw.sqlite3_wal_checkpoint_v2(Writer.Handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
    }

    /// <summary>Lets the lock go as a process that dies would, and nothing else. For tests of what an owner that is not dead can still do.</summary>
    public void AbandonLock() => _lock.Dispose();

    public void Dispose()
    {
        // The writer last: whoever closes the file last empties the journal into it, and a reader may not.
        Reader.Dispose();
        Writer.Dispose();
        _lock.Dispose();
    }

    private static Session Connect(LogFile file, SqliteEventLogOptions options)
    {
        var session = Session.Connect(file.ConnectionString, file.Path, options.BusyTimeout);
        try
        {
            SqliteVersion.Check(raw.sqlite3_libversion_number(), raw.sqlite3_libversion().utf8_to_string(), file.Path);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void Prepare(Session writer, SqliteEventLogOptions options)
    {
        if (raw.sqlite3_db_readonly(writer.Handle, "main") == 1)
            throw SqliteFailure.Of(raw.SQLITE_READONLY, "the file can only be read", writer.File, options.BusyTimeout);
        if (Mode(writer) != "wal")
            throw new EventLogException($"The event log '{writer.File}' cannot use a write-ahead log, which needs shared memory: the file lies on a network drive, or is opened with a Vfs that has none. Choose a folder on a local disk.");
        // FULL without full barriers would end at the disk's own cache on macOS; elsewhere they change nothing.
        var isFull = options.Synchronous == SqliteSynchronous.Full ? 1 : 0;
        writer.Execute($"""
            PRAGMA synchronous = {(isFull == 1 ? "FULL" : "NORMAL")};
            PRAGMA fullfsync = {isFull};
            PRAGMA checkpoint_fullfsync = {isFull};
            PRAGMA wal_autocheckpoint = {CheckpointPages};
            PRAGMA journal_size_limit = {JournalBytes};
            PRAGMA cache_size = -{WriterCacheKilobytes};
            PRAGMA foreign_keys = 0;
            """);
    }

    private static string Mode(Session writer)
    {
        using var statement = new Statement(writer, "PRAGMA journal_mode = WAL");
        using var rows = statement.Query();
        return rows.Next() ? statement.Text(0) : "";
    }
}
