using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What the suites of <see cref="IEventLog"/> share: an open log, and transactions in one line.</summary>
/// <typeparam name="THome">Where its log lives.</typeparam>
public abstract class EventLogContract<THome> : IDisposable
    where THome : IEventLogHome, new()
{
    /// <summary>Texts that a log must give back as they are.</summary>
    public static readonly string[] OddTexts =
    [
        "", "\0", "\0\0", "a\0", "a\0b", " ", "a ", "a", "A", "\u00E9", "e\u0301", "\U0001F389", "\uD83C", "\uDF89", "\uDF89\uD83C", "\uD800x", "x\uDC00", "\uFFFD", "\uFFFF",
        "'; DROP TABLE events; --", "\" ? :a @b $c", "%", "_", "line\r\nbreak", new string('k', 1024 * 1024), new string('k', 1024 * 1024) + "\uD800",
    ];

    private readonly THome _home = new();

    /// <summary>Opens an empty log.</summary>
    protected EventLogContract()
    {
        Log = _home.Create();
        Opening = Log.Open();
    }

    /// <summary>An open log.</summary>
    protected IEventLog Log { get; private set; }

    /// <summary>What it told when it was opened last.</summary>
    protected LogOpening Opening { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Log.Dispose();
        _home.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Does something in a transaction and commits it.</summary>
    protected T Commit<T>(Func<ILogTransaction, T> work)
    {
        using var transaction = Log.Begin();
        var result = work(transaction);
        transaction.Commit();
        return result;
    }

    /// <inheritdoc cref="Commit{T}(Func{ILogTransaction, T})"/>
    protected void Commit(Action<ILogTransaction> work) => Commit(transaction =>
    {
        work(transaction);
        return 0;
    });

    /// <summary>Does something in a transaction and does not commit it.</summary>
    protected void RollBack(Action<ILogTransaction> work)
    {
        using var transaction = Log.Begin();
        work(transaction);
    }

    /// <summary>Closes the log as a stop does, and opens it again.</summary>
    protected void Restart()
    {
        Log.Close(clean: true);
        Opening = Log.Open();
    }

    /// <summary>Takes the log over as after a crash. The owner that was there is returned.</summary>
    protected IEventLog Crash()
    {
        var earlier = Log;
        Log = _home.AfterCrash(earlier);
        Opening = Log.Open();
        return earlier;
    }

    /// <summary>Appends events and commits.</summary>
    protected IReadOnlyList<long> Append(params LogRecord[] records) =>
        Commit(transaction => records.Select(record => transaction.Append(record, null).Sequence).ToList());

    /// <summary>Appends events until the log has given a sequence: a log may refuse to open where a position or a delivery lies beyond its last one.</summary>
    protected void AppendUpTo(long sequence)
    {
        while (Append(Event("one of many"))[0] < sequence)
        {
        }
    }

    /// <summary>All events, by their ids.</summary>
    protected IEnumerable<string> Ids(LogFilter? filter = null) => Log.Read(0, 1000, filter).Select(static record => record.Id);
}
