using SQLitePCL;

namespace EventBus.Sqlite.Statements;

/// <summary>Lets a token end the statements of a connection.</summary>
/// <remarks>SQLite asks, instead of being told with sqlite3_interrupt: that is lost where it comes just before a statement begins.</remarks>
internal readonly struct Interruption : IDisposable
{
    // Some microseconds, of instructions or of pages that are checked.
    private const int AskEvery = 1000;

    private readonly sqlite3 _handle;

    public Interruption(sqlite3 handle, CancellationToken cancellationToken)
    {
        _handle = handle;
        if (cancellationToken.CanBeCanceled)
            raw.sqlite3_progress_handler(handle, AskEvery, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null);
    }

    public void Dispose() => raw.sqlite3_progress_handler(_handle, 0, null, null);
}
