using EventBus.Storage;

namespace EventBus.Sqlite.Writing;

/// <summary>A transaction of the file. It holds the write lock from its begin to its end.</summary>
internal sealed class SqliteLogTransaction : ILogTransaction
{
    private readonly Writers _writers;

    private SqliteLogTransaction(Writers writers) => _writers = writers;

    /// <summary>Whether it was committed or rolled back.</summary>
    public bool IsOver { get; private set; }

    public static SqliteLogTransaction Begin(Writers writers)
    {
        writers.Session.HasFailed = false;
        writers.Types.Begin();
        writers.BeginStatement.Execute();
        var transaction = new SqliteLogTransaction(writers);
        try
        {
            writers.Ownership.Check();
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    public LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType = null) => _writers.Events.Append(record, deduplicateSince, isSameType);

    public int RemoveEvents(long upTo, DateTimeOffset? before, int count) => _writers.Events.Remove(upTo, before, count);

    public void SaveSubscription(LogSubscription subscription) => _writers.Subscriptions.Save(subscription);

    public void SavePosition(string subscription, long position) => _writers.Subscriptions.SavePosition(subscription, position);

    public bool RemoveSubscription(string subscription) => _writers.Subscriptions.Remove(subscription);

    public void RenameSubscription(string subscription, string newName) => _writers.Subscriptions.Rename(subscription, newName);

    public void SaveDelivery(string subscription, LogDelivery delivery) => _writers.Deliveries.Save(subscription, delivery);

    public void RemoveDelivery(string subscription, long sequence, long deadLetterId) => _writers.Deliveries.Remove(subscription, sequence, deadLetterId);

    public void RemoveDeliveriesFrom(string subscription, long sequence) => _writers.Deliveries.RemoveFrom(subscription, sequence);

    public long AddDeadLetter(LogDeadLetter letter) => _writers.DeadLetters.Add(letter);

    public bool MarkDeadLetter(long id, bool isRedriven) => _writers.DeadLetters.Mark(id, isRedriven);

    public void SupersedeDeadLetters(string subscription, long from, long to) => _writers.DeadLetters.Supersede(subscription, from, to);

    public bool RemoveDeadLetter(long id) => _writers.DeadLetters.Remove(id);

    public LogScheduledEvent? AddScheduled(LogScheduledEvent scheduled, Func<string, bool>? isSameType = null) => _writers.Schedule.Add(scheduled, isSameType);

    public LogScheduledEvent? RemoveScheduled(string type, string? source, string id, Func<string, bool>? isSameType = null) => _writers.Schedule.Remove(type, source, id, isSameType);

    public IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType = null) => _writers.Claims.Claim(key, lease, now, isSameType);

    public bool RenewClaim(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now) => _writers.Claims.Renew(key, token, lease, now);

    public bool CompleteClaim(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now) => _writers.Claims.Complete(key, token, window, now);

    public bool ReleaseClaim(IdempotencyKey key, long token) => _writers.Claims.Release(key, token);

    public int RemoveClaims(DateTimeOffset now, int count) => _writers.Claims.RemoveOver(now, count);

    public void Commit()
    {
        if (IsOver)
            throw new EventLogException($"This transaction of the event log '{_writers.Session.File}' is over. Begin another one.");
        // Some failures undo one change, others end the transaction by themselves: what is left must not be taken for the whole.
        if (_writers.Session.HasFailed)
            throw new EventLogException($"This transaction of the event log '{_writers.Session.File}' has failed before, and cannot be committed. Dispose it and begin another one.");
        _writers.Ownership.BeforeCommit();
        _writers.CommitStatement.Execute();
        _writers.Ownership.Committed();
        IsOver = true;
        // Before anybody is told of the commit: it may have gone into a file that has no name any more.
        _writers.Files.Check();
        _writers.Journal.Committed();
    }

    public void Dispose()
    {
        if (IsOver)
            return;
        IsOver = true;
        _writers.Session.RollBack();
        _writers.Types.RollBack();
    }
}
