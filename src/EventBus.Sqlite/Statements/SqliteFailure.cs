using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace EventBus.Sqlite.Statements;

/// <summary>Says what a result code of SQLite means for a log: what is wrong with which file, whether it can be tried again, and what to do.</summary>
internal static class SqliteFailure
{
    /// <param name="code">The extended result code, https://www.sqlite.org/rescode.html.</param>
    /// <param name="said">SQLite's own words.</param>
    /// <param name="file">The file.</param>
    /// <param name="wait">How long a lock was waited for.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public static EventLogException Of(int code, string? said, string file, TimeSpan wait, Exception? inner = null)
    {
        var what = $"SQLite error {code}: {said}";
        return (code & 0xFF) switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new EventLogBusyException(
                $"The event log '{file}' was locked by another connection for {wait.TotalSeconds:0.###} s; nothing was written ({what}). The likely cause is a write transaction that is still open: "
                + "one of this application on the same file, or another program that has it open. Commit or roll back that transaction before you publish, or set a longer BusyTimeout.", inner),
            raw.SQLITE_FULL => new EventLogException(
                $"The event log '{file}' cannot grow: the disk is full, or a quota is reached; nothing was written ({what}). Make room on the disk of that file; the log goes on by itself.", inner) { IsTransient = true },
            raw.SQLITE_CORRUPT => new EventLogException(
                $"The event log '{file}' is damaged ({what}). Stop the bus, keep a copy of the file and of its -wal file, and go back to a backup, or let the sqlite3 shell save what it can: sqlite3 '{file}' .recover", inner),
            raw.SQLITE_NOTADB => new EventLogException(
                $"The file '{file}' is not an SQLite database, or it is encrypted ({what}). Correct the Data Source, or go back to a backup.", inner),
            raw.SQLITE_IOERR => new EventLogException(
                $"The disk of the event log '{file}' failed; what was being written may be there or not ({what}). Check the disk and its file system, then start the bus again: it reads what is there.", inner),
            raw.SQLITE_READONLY or raw.SQLITE_PERM => new EventLogException(
                $"The event log '{file}' cannot be written: the file, its folder or the file system is read-only, or the file was moved ({what}). Give the process the right to write to the file and its folder, then start the bus again.", inner),
            raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH => new EventLogException(
                $"The event log '{file}' refused one change, which does not fit into its tables; nothing of that change was written, and the log goes on ({what}). Shorten what is too large; please report anything else.", inner) { IsOfOneChange = true },
            raw.SQLITE_CANTOPEN => new EventLogException(
                $"The event log '{file}' cannot be opened ({what}). Check that the folder is there and that the process may write to it and to the file; with Mode=ReadWrite the file must be there already.", inner),
            _ => new EventLogException($"The event log '{file}' failed ({what}). Start the bus again; if it happens again, check the file with the sqlite3 shell: PRAGMA integrity_check", inner),
        };
    }

    public static EventLogException Of(SqliteException exception, string file, TimeSpan wait) =>
        Of(exception.SqliteExtendedErrorCode, exception.Message, file, wait, exception);
}
