using EventBus.Sqlite.Statements;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EventBus.Sqlite.Reading;

/// <summary>Copies a log to a file while it is used.</summary>
internal static class LogBackup
{
    /// <exception cref="EventLogException">It could not be written; no file is left behind.</exception>
    public static void Write(Session session, string destination)
    {
        var path = Path.GetFullPath(destination);
        if (File.Exists(path))
            throw new EventLogException($"The event log '{session.File}' was not copied to '{path}': that file is there already, and a copy over it could be mixed of both. Delete it, or choose another name.") { IsTransient = true };
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new EventLogException($"The event log '{session.File}' was not copied to '{path}': the folder does not exist. Create the folder, or choose another one.") { IsTransient = true };
        try
        {
            session.BackupTo(path);
        }
        catch (SqliteException exception)
        {
            if (File.Exists(path))
                File.Delete(path);
            // A copy that fails says nothing against the log, unless it is the log that cannot be read.
            throw new EventLogException($"The event log '{session.File}' was not copied to '{path}' (SQLite error {exception.SqliteExtendedErrorCode}: {exception.Message}) Make room there, or give the process the right to write there, and try again.", exception)
            {
                IsTransient = exception.SqliteErrorCode != raw.SQLITE_CORRUPT,
            };
        }
    }
}
