using EventBus.Recording;

namespace EventBus.Storage;

/// <summary>An event log in memory: durable subscriptions without a file, for tests and for work that may be lost with the process.</summary>
/// <remarks>It may be opened again, also while it is open, as if its owner had died: what was under way then can no longer be committed.</remarks>
public sealed class InMemoryEventLog : IEventLog
{
    private readonly InMemoryLogOwner _owner;
    private InMemoryLogTransaction? _transaction;
    private long _epoch;

    /// <summary>Creates an empty log.</summary>
    public InMemoryEventLog()
        : this(new InMemoryLogOwner())
    {
    }

    private InMemoryEventLog(InMemoryLogOwner owner) => _owner = owner;

    /// <inheritdoc/>
    public string Name => "in memory";

    /// <summary>Another view of the same log, as another process would have of the same file. Opened, it takes the log over.</summary>
    public InMemoryEventLog Share() => new(_owner);

    /// <inheritdoc/>
    public LogOpening Open()
    {
        (var opening, _epoch) = _owner.TakeOver();
        _transaction = null;
        return opening;
    }

    /// <inheritdoc/>
    public ILogTransaction Begin()
    {
        if (_epoch == 0)
            throw new EventLogException("The event log in memory is not open. Call Open() before Begin().");
        if (_transaction is { IsOver: false })
            throw new EventLogException("A transaction of the event log in memory is under way. Commit and dispose it before you begin another one.");
        return _transaction = new(_owner, _epoch);
    }

    /// <inheritdoc/>
    public void Close(bool clean)
    {
        if (_epoch == 0)
            return;
        _owner.Close(_epoch, clean);
        _epoch = 0;
        _transaction = null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogRecord> Read(long after, int count, LogFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return _owner.Contents.Read(after, count, filter, cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogRecord> Read(IReadOnlyList<long> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return _owner.Contents.Read(sequences);
    }

    /// <inheritdoc/>
    public long? ReadSequenceAt(DateTimeOffset time, CancellationToken cancellationToken = default) => _owner.Contents.ReadSequenceAt(time, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<LogSubscription> ReadSubscriptions() => [.. _owner.Contents.Subscriptions.Values];

    /// <inheritdoc/>
    public IReadOnlyList<LogDelivery> ReadDeliveries(string subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return [.. _owner.Contents.DeliveriesOf(subscription)];
    }

    /// <inheritdoc/>
    public long? ReadFirstDelivery(string subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return _owner.Contents.DeliveriesOf(subscription).FirstOrDefault(static delivery => delivery is { DeadLetterId: 0, State: not LogDeliveryState.Settled })?.Sequence;
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogDeadLetter> ReadDeadLetters(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return [.. _owner.Contents.KeptLetters(query, afterId, cancellationToken).Take(count)];
    }

    /// <inheritdoc/>
    public LogDeadLetter? ReadDeadLetter(long id) => _owner.Contents.DeadLetters.TryGetValue(new(id), out var row) ? row.Letter : null;

    /// <inheritdoc/>
    public long ReadDeadLetterCount(DeadLetterQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _owner.Contents.KeptLetters(query, 0, cancellationToken).LongCount();
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogScheduledEvent> ReadScheduled(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return [.. _owner.Contents.Scheduled.Take(count).Select(static row => row.Scheduled)];
    }

    /// <inheritdoc/>
    public LogStatistics ReadStatistics()
    {
        var contents = _owner.Contents;
        return new()
        {
            Events = contents.Events.Count,
            Oldest = contents.Events.IsEmpty ? 0 : contents.Events[0].Sequence,
            Head = contents.Head,
            Bytes = contents.Bytes,
            DeadLetters = contents.DeadLetters.Count,
            Scheduled = contents.Scheduled.Count,
        };
    }

    /// <inheritdoc/>
    public void Backup(string destination, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("An event log in memory cannot be copied to a file. Use a log that is kept in a file, or leave the backup out.");

    /// <inheritdoc/>
    public IReadOnlyList<string> CheckIntegrity(CancellationToken cancellationToken = default) => [];

    /// <inheritdoc/>
    public void Dispose() => Close(clean: false);
}
