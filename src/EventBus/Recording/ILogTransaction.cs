namespace EventBus.Storage;

/// <summary>Changes of an <see cref="IEventLog"/> that are written together or not at all. Disposed without <see cref="Commit"/>, nothing was changed.</summary>
/// <remarks>A member that throws leaves the transaction to be disposed. What was written earlier in it is seen by what follows.</remarks>
public interface ILogTransaction : IDisposable
{
    /// <summary>Appends an event and gives it the next sequence: greater than any given before, also by transactions that are over, by earlier owners, and for events that
    /// were removed since. Gaps are allowed.</summary>
    /// <param name="record">The event; its sequence is 0.</param>
    /// <param name="deduplicateSince">Where the id is given (<see cref="LogRecord.IsIdGiven"/>): an event of the same type, the same id and the same source (or, in both, none) with a given id, that was published at this
    /// time or later, is found and nothing is added. The version of the type does not count. <see langword="null"/>: not looked for.</param>
    /// <param name="isSameType">Tells of another stored name whether it stands for the type of this event. <see langword="null"/>: none does.</param>
    LogAppended Append(LogRecord record, DateTimeOffset? deduplicateSince, Func<string, bool>? isSameType = null);

    /// <summary>Creates or replaces a subscription's state, its deliveries apart.</summary>
    void SaveSubscription(LogSubscription subscription);

    /// <summary>Moves a subscription's position; the subscription exists.</summary>
    void SavePosition(string subscription, long position);

    /// <summary>Forgets a subscription and its deliveries. Its dead letters stay, and those that are being redriven are kept again: nothing delivers them any more.</summary>
    /// <returns>Whether it was there.</returns>
    bool RemoveSubscription(string subscription);

    /// <summary>Gives a subscription another name, in its state, its deliveries, its dead letters, and its claims and completed deliveries (<see cref="IdempotencyKey.Scope"/>). The new
    /// name is free.</summary>
    void RenameSubscription(string subscription, string newName);

    /// <summary>Creates or replaces the state of a delivery: named by subscription, sequence and dead letter.</summary>
    void SaveDelivery(string subscription, LogDelivery delivery);

    /// <summary>Forgets a delivery, if it is there.</summary>
    void RemoveDelivery(string subscription, long sequence, long deadLetterId);

    /// <summary>Forgets a subscription's deliveries of the log's own events from a sequence on; redriven dead letters stay.</summary>
    void RemoveDeliveriesFrom(string subscription, long sequence);

    /// <summary>Keeps a dead letter. One that has an id, because it was removed and could not be redriven, is kept under it again.</summary>
    /// <returns>Its id.</returns>
    long AddDeadLetter(LogDeadLetter letter);

    /// <summary>Marks a dead letter as being redriven, or, where it could not be, as kept again.</summary>
    /// <returns>Whether it was there and not so marked before: of two that mark it at once only one gets <see langword="true"/>.</returns>
    bool MarkDeadLetter(long id, bool isRedriven);

    /// <summary>Marks a subscription's dead letters as superseded, from a sequence up to another, both included.</summary>
    void SupersedeDeadLetters(string subscription, long from, long to);

    /// <summary>Removes a dead letter for good.</summary>
    /// <returns>Whether it was there.</returns>
    bool RemoveDeadLetter(long id);

    /// <summary>Schedules an event.</summary>
    /// <param name="scheduled">The event and its time.</param>
    /// <param name="isSameType">As for <see cref="Append"/>.</param>
    /// <returns><see langword="null"/> if it was added; the one that is scheduled already under this type, source and id, if there is one. Then nothing was added.</returns>
    LogScheduledEvent? AddScheduled(LogScheduledEvent scheduled, Func<string, bool>? isSameType = null);

    /// <summary>Takes a scheduled event out.</summary>
    /// <param name="type">The stored name of its type.</param>
    /// <param name="source">Its source; <see langword="null"/> for an event that has none.</param>
    /// <param name="id">Its id.</param>
    /// <param name="isSameType">As for <see cref="Append"/>.</param>
    /// <returns>The event; <see langword="null"/> if there is none of this type, source and id.</returns>
    LogScheduledEvent? RemoveScheduled(string type, string? source, string id, Func<string, bool>? isSameType = null);

    /// <summary>Claims a key, see <see cref="IIdempotencyStore.ClaimAsync"/>. A claim of another that would hold for longer than the lease from now, because the clock was set back since,
    /// holds for the lease from now on.</summary>
    /// <param name="key">The delivery.</param>
    /// <param name="lease">How long the claim holds.</param>
    /// <param name="now">The time, in UTC.</param>
    /// <param name="isSameType">Tells of another stored name whether it stands for <see cref="IdempotencyKey.EventType"/>: a delivery that was completed under it is completed.</param>
    IdempotencyClaim Claim(IdempotencyKey key, TimeSpan lease, DateTimeOffset now, Func<string, bool>? isSameType = null);

    /// <summary>Renews a claim, see <see cref="IIdempotencyStore.RenewAsync"/>.</summary>
    bool RenewClaim(IdempotencyKey key, long token, TimeSpan lease, DateTimeOffset now);

    /// <summary>Completes a claim, see <see cref="IIdempotencyStore.CompleteAsync"/>.</summary>
    bool CompleteClaim(IdempotencyKey key, long token, TimeSpan window, DateTimeOffset now);

    /// <summary>Gives a claim back, see <see cref="IIdempotencyStore.ReleaseAsync"/>.</summary>
    bool ReleaseClaim(IdempotencyKey key, long token);

    /// <summary>Forgets completed and expired claims whose time is over, at most so many.</summary>
    /// <returns>How many.</returns>
    int RemoveClaims(DateTimeOffset now, int count);

    /// <summary>Removes the oldest events, at most so many. Sequences are not given again.</summary>
    /// <param name="upTo">Only events up to and including this sequence.</param>
    /// <param name="before">Only events published before this time; <see langword="null"/> for all.</param>
    /// <param name="count">At most so many.</param>
    /// <returns>How many were removed.</returns>
    int RemoveEvents(long upTo, DateTimeOffset? before, int count);

    /// <summary>Writes it all, for good: when this returns, neither a crash of the process nor one of the machine loses it.</summary>
    /// <exception cref="EventLogException">See the remarks of <see cref="IEventLog"/>.</exception>
    void Commit();
}
