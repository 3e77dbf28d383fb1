using EventBus.Sqlite.Files;
using EventBus.Sqlite.Statements;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EventBus.Sqlite.Reading;

/// <summary>Copies a log to a file while it is used.</summary>
internal static class LogBackup
{
    // 1 MB, between two looks at the token.
    private const int PagesAtOnce = 256;

    /// <exception cref="EventLogException">It could not be written; no file is left behind.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; no file is left behind.</exception>
    public static void Write(Session session, string destination, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(destination);
        if (File.Exists(path))
            throw new EventLogException($"The event log '{session.File}' was not copied to '{path}': that file is there already, and a copy over it could be mixed of both. Delete it, or choose another name.") { IsTransient = true };
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new EventLogException($"The event log '{session.File}' was not copied to '{path}': the folder does not exist. Create the folder, or choose another one.") { IsTransient = true };
        try
        {
            OwnersFile.Create(path, FileMode.CreateNew);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new EventLogException($"The event log '{session.File}' was not copied to '{path}' ({exception.Message}) Make room there, or give the process the right to write there, and try again.", exception) { IsTransient = true };
        }

        try
        {
            Copy(session, path, cancellationToken);
        }
        catch (SqliteException exception)
        {
            File.Delete(path);
            // A copy that fails says nothing against the log, unless it is the log that cannot be read.
            throw new EventLogException($"The event log '{session.File}' was not copied to '{path}' (SQLite error {exception.SqliteExtendedErrorCode}: {exception.Message}) Make room there, or give the process the right to write there, and try again.", exception)
            {
                IsTransient = exception.SqliteErrorCode != raw.SQLITE_CORRUPT,
            };
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private static void Copy(Session session, string path, CancellationToken cancellationToken)
    {
        // One reading for all steps: a commit between two of them would begin the copy anew.
        session.Execute("BEGIN; SELECT epoch FROM log");
        try
        {
            using var file = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            file.Open();
            CopyTo(file.Handle!, session, cancellationToken);
        }
        finally
        {
            session.RollBack();
        }
    }

    private static void CopyTo(sqlite3 copy, Session session, CancellationToken cancellationToken)
    {
        using var backup = raw.sqlite3_backup_init(copy, "main", session.Handle, "main");
        if (backup.IsInvalid)
            throw Failure(copy, raw.sqlite3_extended_errcode(copy));
        int code;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, PagesAtOnce);
        }
        while (code == raw.SQLITE_OK);
        if (code != raw.SQLITE_DONE)
            throw Failure(copy, code);
    }

    private static SqliteException Failure(sqlite3 copy, int code) =>
        new(raw.sqlite3_errstr(code).utf8_to_string() is { Length: > 0 } said ? said : raw.sqlite3_errmsg(copy).utf8_to_string(), code & 0xFF, code);
}
