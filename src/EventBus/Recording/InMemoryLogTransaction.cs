using EventBus.Storage;

namespace EventBus.Recording;

/// <summary>Changes that nobody sees before they are committed: they are made on trees that share all that is unchanged with the committed ones.</summary>
internal sealed class InMemoryLogTransaction : ILogTransaction
{
    private readonly InMemoryLogOwner _owner;
    private readonly LogContents _before;
    private readonly long _epoch;
    private readonly EventDraft _events;
    private readonly SubscriptionDraft _subscriptions;
    private readonly DeadLetterDraft _deadLetters;
    private readonly ScheduleDraft _schedule;
    private readonly ClaimDraft _claims;

    public InMemoryLogTransaction(InMemoryLogOwner owner, long epoch)
    {
        _owner = owner;
        _epoch = epoch;
        _before = owner.Contents;
        _events = new(_before, owner);
        _subscriptions = new(_before);
        _deadLetters = new(_before, owner);
        _schedule = new(_before, owner);
        _claims = new(_before, owner);
    }

    public bool IsOver { get; private set; }

    public LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType = null) => _events.Append(record, deduplicateSince, isSameType);

    public int RemoveEvents(long upTo, DateTimeOffset? before, int count) => _events.Remove(upTo, before, count);

    public void SaveSubscription(LogSubscription subscription) => _subscriptions.Save(subscription);

    public void SavePosition(string subscription, long position) => _subscriptions.SavePosition(subscription, position);

    public bool RemoveSubscription(string subscription)
    {
        _deadLetters.KeepRedriven(subscription);
        return _subscriptions.Remove(subscription);
    }

    public void RenameSubscription(string subscription, string newName)
    {
        _subscriptions.Rename(subscription, newName);
        _deadLetters.Rename(subscription, newName);
        _claims.Rename(subscription, newName);
    }

    public void SaveDelivery(string subscription, LogDelivery delivery) => _subscriptions.SaveDelivery(subscription, delivery);

    public void RemoveDelivery(string subscription, long sequence, long deadLetterId) => _subscriptions.RemoveDelivery(subscription, sequence, deadLetterId);

    public void RemoveDeliveriesFrom(string subscription, long sequence) => _subscriptions.RemoveDeliveriesFrom(subscription, sequence);

    public long AddDeadLetter(LogDeadLetter letter) => _deadLetters.Add(letter);

    public bool MarkDeadLetter(long id, bool isRedriven) => _deadLetters.Mark(id, isRedriven);

    public void SupersedeDeadLetters(string subscription, long from, long to) => _deadLetters.Supersede(subscription, from, to);

    public bool RemoveDeadLetter(long id) => _deadLetters.Remove(id);

    public LogScheduledEvent? AddScheduled(LogScheduledEvent scheduled, Func<string, bool>? isSameType = null) => _schedule.Add(scheduled, isSameType);

    public LogScheduledEvent? RemoveScheduled(string type, string? source, string id, Func<string, bool>? isSameType = null) => _schedule.Remove(type, source, id, isSameType);

    public IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType = null) => _claims.Claim(key, lease, now, isSameType);

    public bool RenewClaim(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now) => _claims.Renew(key, token, lease, now);

    public bool CompleteClaim(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now) => _claims.Complete(key, token, window, now);

    public bool ReleaseClaim(IdempotencyKey key, long token) => _claims.Release(key, token);

    public int RemoveClaims(DateTimeOffset now, int count) => _claims.RemoveOver(now, count);

    public void Commit()
    {
        if (IsOver)
            throw new EventLogException("This transaction of the event log in memory is over. Begin another one.");
        var contents = _claims.Into(_schedule.Into(_deadLetters.Into(_subscriptions.Into(_events.Into(_before)))));
        _owner.Commit(contents with { Bytes = _before.Bytes + _events.Growth + _deadLetters.Growth + _schedule.Growth }, _epoch);
        IsOver = true;
    }

    public void Dispose() => IsOver = true;
}
