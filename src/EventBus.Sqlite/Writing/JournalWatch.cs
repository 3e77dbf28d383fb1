using EventBus.Sqlite.Observing;
using EventBus.Sqlite.Statements;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace EventBus.Sqlite.Writing;

/// <summary>Says why the journal grows. Somebody's long reading keeps it from being emptied, and who does not know that sees a disk run full.</summary>
internal sealed class JournalWatch(Session session, int checkpointPages, ILogger logger)
{
    // https://www.sqlite.org/fileformat2.html#walformat: each page has a header of its own.
    private const int FrameHeader = 24;

    // A busy moment's: a large transaction, or a reading that has not quite ended.
    private readonly int _bound = 4 * checkpointPages;
    private readonly long _frame = session.Scalar("PRAGMA page_size") + FrameHeader;
    private long _tellAt = 4L * checkpointPages;

    /// <summary>Called after each commit. It looks at the journal only where as much was written as fills one; before that it compares a number.</summary>
    public void Committed()
    {
        raw.sqlite3_db_status(session.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, 0);
        if (written < checkpointPages)
            return;
        raw.sqlite3_db_status(session.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out _, out _, 1);
        // The commit has tried this already: it tells how far that went. What fails here fails there, and is the next commit's.
        if (raw.sqlite3_wal_checkpoint_v2(session.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var pages, out var emptied) == raw.SQLITE_OK)
            Tell(pages, isHeld: emptied < pages);
    }

    private void Tell(int pages, bool isHeld)
    {
        if (pages < _bound)
            _tellAt = _bound;
        if (pages < _tellAt || !isHeld)
            return;
        while (_tellAt <= pages)
            _tellAt *= 2;
        try
        {
            LogMessages.JournalGrows(logger, session.File, pages * _frame / (1024 * 1024));
        }
        catch (Exception)
        {
            // The commit is done, whatever a logging provider throws.
        }
    }
}
