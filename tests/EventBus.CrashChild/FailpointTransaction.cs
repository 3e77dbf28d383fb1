using EventBus.Storage;

namespace EventBus.CrashChild;

/// <summary>Knows what it changes, and so at which boundaries its commit stands.</summary>
internal sealed class FailpointTransaction(ILogTransaction transaction, Failpoint failpoint, Action<int> activated) : ILogTransaction
{
    // A claim of a process that died holds until its time: so short that a test need not wait for it.
    private static readonly TimeSpan s_lease = TimeSpan.FromMilliseconds(250);

    private readonly List<(string Before, string After)> _points = [];
    private readonly List<string> _completed = [];
    private int _activations;

    public LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType = null)
    {
        if (_activations == 0)
            _points.Add((Points.PublishUncommitted, Points.PublishCommitted));
        return transaction.Append(record, deduplicateSince, isSameType);
    }

    public void SaveSubscription(LogSubscription subscription) => transaction.SaveSubscription(subscription);

    public void SavePosition(string subscription, long position)
    {
        _points.Add((Points.CheckpointUncommitted, Points.CheckpointCommitted));
        transaction.SavePosition(subscription, position);
    }

    public bool RemoveSubscription(string subscription) => transaction.RemoveSubscription(subscription);

    public void RenameSubscription(string subscription, string newName) => transaction.RenameSubscription(subscription, newName);

    public void SaveDelivery(string subscription, LogDelivery delivery)
    {
        if (delivery.State == LogDeliveryState.Running)
            _points.Add((Points.AttemptUncommitted, Points.AttemptCommitted));
        else if (delivery.Attempts > 0)
            _points.Add((Points.RetryUncommitted, Points.RetryCommitted));
        transaction.SaveDelivery(subscription, delivery);
    }

    public void RemoveDelivery(string subscription, long sequence, long deadLetterId) => transaction.RemoveDelivery(subscription, sequence, deadLetterId);

    public void RemoveDeliveriesFrom(string subscription, long sequence) => transaction.RemoveDeliveriesFrom(subscription, sequence);

    public long AddDeadLetter(LogDeadLetter letter)
    {
        _points.Add((Points.DeadLetterUncommitted, Points.DeadLetterCommitted));
        return transaction.AddDeadLetter(letter);
    }

    public bool MarkDeadLetter(long id, bool isRedriven)
    {
        _points.Add((Points.RedriveUncommitted, Points.RedriveCommitted));
        return transaction.MarkDeadLetter(id, isRedriven);
    }

    public void SupersedeDeadLetters(string subscription, long from, long to) => transaction.SupersedeDeadLetters(subscription, from, to);

    public bool RemoveDeadLetter(long id) => transaction.RemoveDeadLetter(id);

    public LogScheduledEvent? AddScheduled(LogScheduledEvent scheduled, Func<string, bool>? isSameType = null)
    {
        _points.Add((Points.ScheduleUncommitted, Points.ScheduleCommitted));
        return transaction.AddScheduled(scheduled, isSameType);
    }

    public LogScheduledEvent? RemoveScheduled(string type, string? source, string id, Func<string, bool>? isSameType = null)
    {
        var removed = transaction.RemoveScheduled(type, source, id, isSameType);
        if (removed is not null)
        {
            _activations++;
            _points.Add((Points.ActivationUncommitted, Points.ActivationCommitted));
        }

        return removed;
    }

    public IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType = null)
    {
        var claim = transaction.Claim(key, lease < s_lease ? lease : s_lease, now, isSameType);
        if (claim.Status == IdempotencyClaimStatus.Won)
            _points.Add((Points.ClaimUncommitted, Points.ClaimCommitted));
        return claim;
    }

    public bool RenewClaim(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now) => transaction.RenewClaim(key, token, lease, now);

    public bool CompleteClaim(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now)
    {
        var isCompleted = transaction.CompleteClaim(key, token, window, now);
        if (isCompleted)
        {
            _points.Add((Points.CompletionUncommitted, Points.CompletionCommitted));
            _completed.Add($"completed {key.Scope} {key.Key}");
        }

        return isCompleted;
    }

    public bool ReleaseClaim(IdempotencyKey key, long token) => transaction.ReleaseClaim(key, token);

    public int RemoveClaims(DateTimeOffset now, int count) => transaction.RemoveClaims(now, count);

    public int RemoveEvents(long upTo, DateTimeOffset? before, int count) => transaction.RemoveEvents(upTo, before, count);

    public void Commit()
    {
        foreach (var (before, _) in _points)
            failpoint.Pass(before);
        failpoint.PassCommit();
        transaction.Commit();
        if (_completed.Count > 0)
            Journal.Write(_completed);
        foreach (var (_, after) in _points)
            failpoint.Pass(after);
        if (_activations > 0)
            activated(_activations);
    }

    public void Dispose() => transaction.Dispose();
}
