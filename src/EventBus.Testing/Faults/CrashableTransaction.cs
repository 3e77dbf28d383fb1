using EventBus.Storage;

namespace EventBus.Testing;

/// <summary>Knows what it changes, and so at which boundaries its commit stands.</summary>
internal sealed class CrashableTransaction(ILogTransaction transaction, CrashableLog log) : ILogTransaction
{
    private readonly List<(CrashPoint Before, CrashPoint After, string? Subscription)> _points = [];
    private bool _activates;

    public LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType = null)
    {
        log.Pass(nameof(Append));
        _points.Add(_activates ? (CrashPoint.BeforeActivation, CrashPoint.AfterActivation, null) : (CrashPoint.BeforePublish, CrashPoint.AfterPublish, null));
        _activates = false;
        return transaction.Append(record, deduplicateSince, isSameType);
    }

    public void SaveSubscription(LogSubscription subscription)
    {
        log.Pass(nameof(SaveSubscription));
        transaction.SaveSubscription(subscription);
    }

    public void SavePosition(string subscription, long position)
    {
        log.Pass(nameof(SavePosition));
        _points.Add((CrashPoint.BeforeCheckpoint, CrashPoint.AfterCheckpoint, subscription));
        transaction.SavePosition(subscription, position);
    }

    public bool RemoveSubscription(string subscription)
    {
        log.Pass(nameof(RemoveSubscription));
        return transaction.RemoveSubscription(subscription);
    }

    public void RenameSubscription(string subscription, string newName)
    {
        log.Pass(nameof(RenameSubscription));
        transaction.RenameSubscription(subscription, newName);
    }

    public void SaveDelivery(string subscription, LogDelivery delivery)
    {
        log.Pass(nameof(SaveDelivery));
        if (delivery is { State: not LogDeliveryState.Running, Attempts: > 0 })
            _points.Add((CrashPoint.BeforeRetry, CrashPoint.AfterRetry, subscription));
        transaction.SaveDelivery(subscription, delivery);
    }

    public void RemoveDelivery(string subscription, long sequence, long deadLetterId)
    {
        log.Pass(nameof(RemoveDelivery));
        transaction.RemoveDelivery(subscription, sequence, deadLetterId);
    }

    public void RemoveDeliveriesFrom(string subscription, long sequence)
    {
        log.Pass(nameof(RemoveDeliveriesFrom));
        transaction.RemoveDeliveriesFrom(subscription, sequence);
    }

    public long AddDeadLetter(LogDeadLetter letter)
    {
        log.Pass(nameof(AddDeadLetter));
        _points.Add((CrashPoint.BeforeDeadLetter, CrashPoint.AfterDeadLetter, letter.Subscription));
        return transaction.AddDeadLetter(letter);
    }

    public bool MarkDeadLetter(long id, bool isRedriven)
    {
        log.Pass(nameof(MarkDeadLetter));
        _points.Add((CrashPoint.BeforeRedrive, CrashPoint.AfterRedrive, null));
        return transaction.MarkDeadLetter(id, isRedriven);
    }

    public void SupersedeDeadLetters(string subscription, long from, long to)
    {
        log.Pass(nameof(SupersedeDeadLetters));
        transaction.SupersedeDeadLetters(subscription, from, to);
    }

    public bool RemoveDeadLetter(long id)
    {
        log.Pass(nameof(RemoveDeadLetter));
        return transaction.RemoveDeadLetter(id);
    }

    public LogScheduledEvent? AddScheduled(LogScheduledEvent scheduled, Func<string, bool>? isSameType = null)
    {
        log.Pass(nameof(AddScheduled));
        _points.Add((CrashPoint.BeforeSchedule, CrashPoint.AfterSchedule, null));
        return transaction.AddScheduled(scheduled, isSameType);
    }

    public LogScheduledEvent? RemoveScheduled(string type, string? source, string id, Func<string, bool>? isSameType = null)
    {
        log.Pass(nameof(RemoveScheduled));
        var removed = transaction.RemoveScheduled(type, source, id, isSameType);
        _activates = removed is not null;
        return removed;
    }

    public IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType = null)
    {
        log.Pass(nameof(Claim));
        var claim = transaction.Claim(key, lease, now, isSameType);
        if (claim.Status == IdempotencyClaimStatus.Won)
            _points.Add((CrashPoint.BeforeClaim, CrashPoint.AfterClaim, key.Scope));
        return claim;
    }

    public bool RenewClaim(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now)
    {
        log.Pass(nameof(RenewClaim));
        return transaction.RenewClaim(key, token, lease, now);
    }

    public bool CompleteClaim(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now)
    {
        log.Pass(nameof(CompleteClaim));
        _points.Add((CrashPoint.BeforeCompletion, CrashPoint.AfterCompletion, key.Scope));
        return transaction.CompleteClaim(key, token, window, now);
    }

    public bool ReleaseClaim(IdempotencyKey key, long token)
    {
        log.Pass(nameof(ReleaseClaim));
        return transaction.ReleaseClaim(key, token);
    }

    public int RemoveClaims(DateTimeOffset now, int count)
    {
        log.Pass(nameof(RemoveClaims));
        return transaction.RemoveClaims(now, count);
    }

    public int RemoveEvents(long upTo, DateTimeOffset? before, int count)
    {
        log.Pass(nameof(RemoveEvents));
        return transaction.RemoveEvents(upTo, before, count);
    }

    public void Commit()
    {
        log.Pass(nameof(Commit));
        log.Pass(_points.Select(static point => (point.Before, point.Subscription)));
        transaction.Commit();
        log.Pass(_points.Select(static point => (point.After, point.Subscription)));
    }

    public void Dispose() => transaction.Dispose();
}
