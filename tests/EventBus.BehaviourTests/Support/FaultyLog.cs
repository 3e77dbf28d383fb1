using EventBus.Storage;

namespace EventBus.BehaviourTests.Support;

/// <summary>A log that fails where a test wants it to. Its calls are numbered from 1, in the order in which the bus makes them.</summary>
internal sealed class FaultyLog(IEventLog inner) : IEventLog
{
    private int _calls;
    private volatile bool _hasPower = true;

    /// <summary>What a call throws, by its number and its name; nothing where all is well. A commit is asked twice: before as "Commit", afterwards as "Committed".</summary>
    public Func<int, string, Exception?> Fault { get; set; } = static (_, _) => null;

    /// <summary>Told of each read by its name, before its result is given back.</summary>
    public Action<string> Done { get; set; } = static _ => { };

    /// <summary>What a backup or a check does before it is done, by its name and the token that ends it.</summary>
    public Action<string, CancellationToken> Work { get; set; } = static (_, _) => { };

    /// <summary>What a reading does that may have to go through the whole log, by its name and the token that ends it.</summary>
    public Action<string, CancellationToken> Scan { get; set; } = static (_, _) => { };

    /// <summary>What a check finds.</summary>
    public IReadOnlyList<string> Damage { get; set; } = [];

    /// <summary>Where copies were asked for. A log in memory makes none.</summary>
    public List<string> Copies { get; } = [];

    /// <summary>Told of each delivery whose completion is committed.</summary>
    public Action<IdempotencyKey> Completed { get; set; } = static _ => { };

    /// <summary>Told of each event that a commit has added, with its sequence.</summary>
    public Action<LogRecord> Appended { get; set; } = static _ => { };

    /// <summary>Told of each dead letter that is committed.</summary>
    public Action<LogDeadLetter> Buried { get; set; } = static _ => { };

    /// <summary>Told of each dead letter of which it is committed that it is delivered again.</summary>
    public Action<long> Redriven { get; set; } = static _ => { };

    /// <summary>Told of each state of a subscription that is about to be stored in place of what it had.</summary>
    public Action<LogSubscription> Saving { get; set; } = static _ => { };

    public int Calls => Volatile.Read(ref _calls);

    public string Name => inner.Name;

    /// <summary>Nothing of the transaction was written, and it may be tried again.</summary>
    public static EventLogException Transient() => new("There is no room on the disk.") { IsTransient = true };

    /// <summary>One change does not fit in.</summary>
    public static EventLogException Refusal() => new("No row can hold this.") { IsOfOneChange = true };

    /// <summary>Nobody knows what was written.</summary>
    public static EventLogException Fatal() => new("The disk reports an error.");

    /// <summary>The process dies: nothing that it still tries reaches the log.</summary>
    public EventLogException LosePower()
    {
        _hasPower = false;
        return new("The power is gone.");
    }

    public LogOpening Open()
    {
        Pass("Open");
        return inner.Open();
    }

    public ILogTransaction Begin()
    {
        Pass("Begin");
        return new Transaction(this, inner.Begin());
    }

    public void Close(bool clean)
    {
        Pass("Close");
        inner.Close(clean);
    }

    public IReadOnlyList<LogRecord> Read(long after, int count, LogFilter? filter = null, CancellationToken cancellationToken = default) => Pass("Read", log => log.Read(after, count, filter, cancellationToken), cancellationToken);

    public IReadOnlyList<LogRecord> Read(IReadOnlyList<long> sequences) => Pass("Read", log => log.Read(sequences));

    public long? ReadSequenceAt(DateTimeOffset time, CancellationToken cancellationToken = default) => Pass("ReadSequenceAt", log => log.ReadSequenceAt(time, cancellationToken), cancellationToken);

    public IReadOnlyList<LogSubscription> ReadSubscriptions() => Pass("ReadSubscriptions", static log => log.ReadSubscriptions());

    public IReadOnlyList<LogDelivery> ReadDeliveries(string subscription) => Pass("ReadDeliveries", log => log.ReadDeliveries(subscription));

    public long? ReadFirstDelivery(string subscription) => Pass("ReadFirstDelivery", log => log.ReadFirstDelivery(subscription));

    public IReadOnlyList<LogDeadLetter> ReadDeadLetters(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken = default) => Pass("ReadDeadLetters", log => log.ReadDeadLetters(query, afterId, count, cancellationToken), cancellationToken);

    public LogDeadLetter? ReadDeadLetter(long id) => Pass("ReadDeadLetter", log => log.ReadDeadLetter(id));

    public long ReadDeadLetterCount(DeadLetterQuery query, CancellationToken cancellationToken = default) => Pass("ReadDeadLetterCount", log => log.ReadDeadLetterCount(query, cancellationToken), cancellationToken);

    public IReadOnlyList<LogScheduledEvent> ReadScheduled(int count) => Pass("ReadScheduled", log => log.ReadScheduled(count));

    public LogStatistics ReadStatistics() => Pass("ReadStatistics", static log => log.ReadStatistics());

    public void Backup(string destination, CancellationToken cancellationToken = default)
    {
        Work("Backup", cancellationToken);
        Copies.Add(destination);
    }

    public IReadOnlyList<string> CheckIntegrity(CancellationToken cancellationToken = default)
    {
        Work("CheckIntegrity", cancellationToken);
        return [.. inner.CheckIntegrity(cancellationToken), .. Damage];
    }

    public void Dispose() => inner.Dispose();

    private T Pass<T>(string call, Func<IEventLog, T> read)
    {
        Pass(call);
        var result = read(inner);
        Done(call);
        return result;
    }

    private T Pass<T>(string call, Func<IEventLog, T> read, CancellationToken cancellationToken)
    {
        Pass(call);
        Scan(call, cancellationToken);
        return read(inner);
    }

    private void Pass(string call)
    {
        if (!_hasPower)
            throw new EventLogException("The power is gone.");
        if (Fault(Interlocked.Increment(ref _calls), call) is { } fault)
            throw fault;
    }

    private sealed class Transaction(FaultyLog log, ILogTransaction inner) : ILogTransaction
    {
        private readonly List<Action> _told = [];

        public LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType = null)
        {
            log.Pass("Append");
            var appended = inner.Append(record, deduplicateSince, isSameType);
            if (!appended.IsDuplicate)
                _told.Add(() => log.Appended(record with { Sequence = appended.Sequence }));
            return appended;
        }

        public void SaveSubscription(LogSubscription subscription)
        {
            log.Pass("SaveSubscription");
            log.Saving(subscription);
            inner.SaveSubscription(subscription);
        }

        public void SavePosition(string subscription, long position)
        {
            log.Pass("SavePosition");
            inner.SavePosition(subscription, position);
        }

        public bool RemoveSubscription(string subscription)
        {
            log.Pass("RemoveSubscription");
            return inner.RemoveSubscription(subscription);
        }

        public void RenameSubscription(string subscription, string newName)
        {
            log.Pass("RenameSubscription");
            inner.RenameSubscription(subscription, newName);
        }

        public void SaveDelivery(string subscription, LogDelivery delivery)
        {
            log.Pass("SaveDelivery");
            inner.SaveDelivery(subscription, delivery);
        }

        public void RemoveDelivery(string subscription, long sequence, long deadLetterId)
        {
            log.Pass("RemoveDelivery");
            inner.RemoveDelivery(subscription, sequence, deadLetterId);
        }

        public void RemoveDeliveriesFrom(string subscription, long sequence)
        {
            log.Pass("RemoveDeliveriesFrom");
            inner.RemoveDeliveriesFrom(subscription, sequence);
        }

        public long AddDeadLetter(LogDeadLetter letter)
        {
            log.Pass("AddDeadLetter");
            var id = inner.AddDeadLetter(letter);
            _told.Add(() => log.Buried(letter with { Id = id }));
            return id;
        }

        public bool MarkDeadLetter(long id, bool isRedriven)
        {
            log.Pass("MarkDeadLetter");
            var isMarked = inner.MarkDeadLetter(id, isRedriven);
            if (isMarked && isRedriven)
                _told.Add(() => log.Redriven(id));
            return isMarked;
        }

        public void SupersedeDeadLetters(string subscription, long from, long to)
        {
            log.Pass("SupersedeDeadLetters");
            inner.SupersedeDeadLetters(subscription, from, to);
        }

        public bool RemoveDeadLetter(long id)
        {
            log.Pass("RemoveDeadLetter");
            return inner.RemoveDeadLetter(id);
        }

        public LogScheduledEvent? AddScheduled(LogScheduledEvent scheduled, Func<string, bool>? isSameType = null)
        {
            log.Pass("AddScheduled");
            return inner.AddScheduled(scheduled, isSameType);
        }

        public LogScheduledEvent? RemoveScheduled(string type, string? source, string id, Func<string, bool>? isSameType = null)
        {
            log.Pass("RemoveScheduled");
            return inner.RemoveScheduled(type, source, id, isSameType);
        }

        public IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType = null)
        {
            log.Pass("Claim");
            return inner.Claim(key, lease, now, isSameType);
        }

        public bool RenewClaim(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now)
        {
            log.Pass("RenewClaim");
            return inner.RenewClaim(key, token, lease, now);
        }

        public bool CompleteClaim(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now)
        {
            log.Pass("CompleteClaim");
            var isCompleted = inner.CompleteClaim(key, token, window, now);
            if (isCompleted)
                _told.Add(() => log.Completed(key));
            return isCompleted;
        }

        public bool ReleaseClaim(IdempotencyKey key, long token)
        {
            log.Pass("ReleaseClaim");
            return inner.ReleaseClaim(key, token);
        }

        public int RemoveClaims(DateTimeOffset now, int count)
        {
            log.Pass("RemoveClaims");
            return inner.RemoveClaims(now, count);
        }

        public int RemoveEvents(long upTo, DateTimeOffset? before, int count)
        {
            log.Pass("RemoveEvents");
            return inner.RemoveEvents(upTo, before, count);
        }

        public void Commit()
        {
            log.Pass("Commit");
            inner.Commit();
            _told.ForEach(static tell => tell());
            log.Pass("Committed");
        }

        public void Dispose() => inner.Dispose();
    }
}
