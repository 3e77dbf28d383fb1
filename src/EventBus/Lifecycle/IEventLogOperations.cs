using EventBus.Storage;

namespace EventBus;

/// <summary>What can be done with a bus's event log: read it, look after it, replay it. All members may be called at any time while the bus is started.</summary>
/// <remarks>Every member but <see cref="Exists"/> and <see cref="Failure"/> throws an <see cref="InvalidOperationException"/> if the bus has no event log, an <see cref="EventBusStoppedException"/> if it is not started, and an
/// <see cref="EventLogException"/> if the log fails.</remarks>
public interface IEventLogOperations
{
    /// <summary>Whether the bus has an event log.</summary>
    bool Exists { get; }

    /// <summary>Why the log is not written to any more since the last start; nothing while it works, where there is none, and while the bus is stopped.</summary>
    EventLogException? Failure { get; }

    /// <summary>Reads the log in order of sequence, a page at a time, up to what is committed when the end is reached.</summary>
    /// <param name="query">Which events; default: all, from the oldest on.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<LoggedEvent> ReadAsync(LogQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Moves a durable subscription to a position, and delivers to it again what it had: waits until its running handlers have returned, forgets what waited
    /// beyond the position, and goes on from there. Up to where it had read, deliveries are marked (<see cref="EventContext.IsReplay"/>). Its dead letters in between are marked as
    /// superseded. Other subscriptions are not concerned. May be called from its own handler.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <param name="from">Where to. To a place ahead of what it has read, such as <see cref="LogPosition.Latest"/>, it is moved only if <paramref name="skipUnread"/> allows it.</param>
    /// <param name="skipUnread">Whether it may be moved ahead, and so never get the events in between that it has not read. Default: no.</param>
    /// <param name="cancellationToken">Ends the waiting for handlers; then nothing was changed.</param>
    /// <exception cref="ArgumentException">There is no durable subscription of this name.</exception>
    /// <exception cref="InvalidOperationException">The place is ahead of what it has read, and <paramref name="skipUnread"/> does not allow that. Nothing was changed.</exception>
    /// <exception cref="EventBusStoppedException">The bus was stopped in the midst of it: whether it was moved shows when it is started again.</exception>
    ValueTask ReplayAsync(string subscription, LogPosition from, bool skipUnread = false, CancellationToken cancellationToken = default);

    /// <summary>Forgets the state of a subscription that no handler has any more. Its dead letters stay, also those that are being redriven.</summary>
    /// <returns>Whether the log knew it.</returns>
    /// <exception cref="ArgumentException">A subscription of the bus has this name.</exception>
    ValueTask<bool> DeleteSubscriptionAsync(string subscription, CancellationToken cancellationToken = default);

    /// <summary>The state of every subscription that the log knows, also of those that no handler has.</summary>
    ValueTask<IReadOnlyList<LogSubscription>> GetSubscriptionsAsync(CancellationToken cancellationToken = default);

    /// <summary>How large the log is.</summary>
    ValueTask<LogStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes what a retention allows to be removed, now.</summary>
    /// <returns>How many events were removed.</returns>
    ValueTask<long> RetainAsync(LogRetention allowed, CancellationToken cancellationToken = default);

    /// <summary>Writes a copy of the log, as it is at one moment, while the bus goes on.</summary>
    /// <param name="destination">The path of a file that does not exist.</param>
    /// <param name="cancellationToken">Ends it, and leaves no file behind.</param>
    /// <exception cref="EventBusStoppedException">The bus is not started, or was stopped meanwhile: a stop ends the backup.</exception>
    /// <exception cref="NotSupportedException">The log cannot do so.</exception>
    ValueTask BackupAsync(string destination, CancellationToken cancellationToken = default);

    /// <summary>Looks for damage. Reads the whole log.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was found, in words; nothing if all is well.</returns>
    /// <exception cref="EventBusStoppedException">The bus is not started, or was stopped meanwhile: a stop ends the check.</exception>
    ValueTask<IReadOnlyList<string>> CheckIntegrityAsync(CancellationToken cancellationToken = default);
}
