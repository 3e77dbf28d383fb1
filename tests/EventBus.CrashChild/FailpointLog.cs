using EventBus.Storage;

namespace EventBus.CrashChild;

/// <summary>A log at whose boundaries the process can die. It also tells the parent of every completion that is committed.</summary>
internal sealed class FailpointLog(IEventLog log, Failpoint failpoint) : IEventLog
{
    private readonly TaskCompletionSource _activated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _scheduled;

    public string Name => log.Name;

    /// <summary>Completes when everything is activated that was scheduled when the log was opened.</summary>
    public Task Activated => _activated.Task;

    public LogOpening Open()
    {
        var opening = log.Open();
        _scheduled = log.ReadScheduled(100_000).Count;
        Activate(0);
        failpoint.Pass(Points.Opened);
        return opening;
    }

    public ILogTransaction Begin() => new FailpointTransaction(log.Begin(), failpoint, Activate);

    public void Close(bool clean)
    {
        failpoint.Pass(Points.Closing);
        log.Close(clean);
    }

    public IReadOnlyList<LogRecord> Read(long after, int count, LogFilter? filter = null, CancellationToken cancellationToken = default) => log.Read(after, count, filter, cancellationToken);

    public IReadOnlyList<LogRecord> Read(IReadOnlyList<long> sequences) => log.Read(sequences);

    public long? ReadSequenceAt(DateTimeOffset time, CancellationToken cancellationToken = default) => log.ReadSequenceAt(time, cancellationToken);

    public IReadOnlyList<LogSubscription> ReadSubscriptions() => log.ReadSubscriptions();

    public IReadOnlyList<LogDelivery> ReadDeliveries(string subscription) => log.ReadDeliveries(subscription);

    public long? ReadFirstDelivery(string subscription) => log.ReadFirstDelivery(subscription);

    public IReadOnlyList<LogDeadLetter> ReadDeadLetters(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken = default) => log.ReadDeadLetters(query, afterId, count, cancellationToken);

    public LogDeadLetter? ReadDeadLetter(long id) => log.ReadDeadLetter(id);

    public long ReadDeadLetterCount(DeadLetterQuery query, CancellationToken cancellationToken = default) => log.ReadDeadLetterCount(query, cancellationToken);

    public IReadOnlyList<LogScheduledEvent> ReadScheduled(int count) => log.ReadScheduled(count);

    public LogStatistics ReadStatistics() => log.ReadStatistics();

    public void Backup(string destination, CancellationToken cancellationToken = default) => log.Backup(destination, cancellationToken);

    public IReadOnlyList<string> CheckIntegrity(CancellationToken cancellationToken = default) => log.CheckIntegrity(cancellationToken);

    public void Dispose() => log.Dispose();

    private void Activate(int count)
    {
        if (Interlocked.Add(ref _scheduled, -count) <= 0)
            _activated.TrySetResult();
    }
}
