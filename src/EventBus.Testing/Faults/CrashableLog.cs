using EventBus.Storage;

namespace EventBus.Testing;

/// <summary>The log as one life of a bus sees it: its calls fail where a test wants it, and all of them once that life is over.</summary>
internal sealed class CrashableLog(IEventLog log, Life life) : IEventLog
{
    public string Name => log.Name;

    public LogOpening Open() => Pass(nameof(Open), static log => log.Open());

    public ILogTransaction Begin() => new CrashableTransaction(Pass(nameof(Begin), static log => log.Begin()), this);

    public void Close(bool clean)
    {
        if (!life.IsOver)
            Pass(nameof(Close), log => { log.Close(clean); return true; });
    }

    public IReadOnlyList<LogRecord> Read(long after, int count, LogFilter? filter = null, CancellationToken cancellationToken = default) => Pass(nameof(Read), log => log.Read(after, count, filter, cancellationToken));

    public IReadOnlyList<LogRecord> Read(IReadOnlyList<long> sequences) => Pass(nameof(Read), log => log.Read(sequences));

    public long? ReadSequenceAt(DateTimeOffset time, CancellationToken cancellationToken = default) => Pass(nameof(ReadSequenceAt), log => log.ReadSequenceAt(time, cancellationToken));

    public IReadOnlyList<LogSubscription> ReadSubscriptions() => Pass(nameof(ReadSubscriptions), static log => log.ReadSubscriptions());

    public IReadOnlyList<LogDelivery> ReadDeliveries(string subscription) => Pass(nameof(ReadDeliveries), log => log.ReadDeliveries(subscription));

    public long? ReadFirstDelivery(string subscription) => Pass(nameof(ReadFirstDelivery), log => log.ReadFirstDelivery(subscription));

    public IReadOnlyList<LogDeadLetter> ReadDeadLetters(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken = default) => Pass(nameof(ReadDeadLetters), log => log.ReadDeadLetters(query, afterId, count, cancellationToken));

    public LogDeadLetter? ReadDeadLetter(long id) => Pass(nameof(ReadDeadLetter), log => log.ReadDeadLetter(id));

    public long ReadDeadLetterCount(DeadLetterQuery query, CancellationToken cancellationToken = default) => Pass(nameof(ReadDeadLetterCount), log => log.ReadDeadLetterCount(query, cancellationToken));

    public IReadOnlyList<LogScheduledEvent> ReadScheduled(int count) => Pass(nameof(ReadScheduled), log => log.ReadScheduled(count));

    public LogStatistics ReadStatistics() => Pass(nameof(ReadStatistics), static log => log.ReadStatistics());

    public void Backup(string destination, CancellationToken cancellationToken = default) => log.Backup(destination, cancellationToken);

    public IReadOnlyList<string> CheckIntegrity(CancellationToken cancellationToken = default) => log.CheckIntegrity(cancellationToken);

    // The log outlives this life.
    public void Dispose()
    {
    }

    public T Pass<T>(string call, Func<IEventLog, T> pass)
    {
        Pass(call);
        return pass(log);
    }

    public void Pass(string call)
    {
        if (life.Pass(call) is { } error)
            throw error;
    }

    /// <summary>Dies, where that is what a test wants here.</summary>
    public void Pass(IEnumerable<(CrashPoint Point, string? Subscription)> points)
    {
        foreach (var (point, subscription) in points)
        {
            if (life.CrashesAt(point, subscription))
                throw Life.Dead();
        }
    }
}
