namespace EventBus.Storage;

/// <summary>An append-only, numbered, durable record of events, with the state of the subscriptions that read it.</summary>
/// <remarks>
/// <para>The members are synchronous and may block: the bus calls them from threads of its own, never from the thread pool. <see cref="Open"/>,
/// <see cref="Begin"/>, everything of a transaction and <see cref="Close"/> are called by one thread at a time; the <c>Read</c> members, <see cref="Backup"/> and
/// <see cref="CheckIntegrity"/> by one other thread at a time, while a transaction may be under way. They see what has been committed and nothing else.</para>
/// <para>A member that fails throws an <see cref="EventLogException"/>: a transient one (<see cref="EventLogException.IsTransient"/>) if nothing of the transaction was written and
/// it may be tried again, any other if the bus must not go on. One that refuses a single change because it fits into no row (<see cref="EventLogException.IsOfOneChange"/>) is neither: the bus
/// disposes the transaction, and writes the others again without it. After a failed <see cref="ILogTransaction.Commit"/> that is not transient the outcome is unknown, and
/// the bus uses the log again only after it has opened it again.</para>
/// <para>One owner: whoever opens a log takes it over. What an earlier owner still tries to write must fail, inside its transaction, before anything is
/// written. A log that can tell that the earlier owner is alive refuses to be opened instead.</para>
/// </remarks>
public interface IEventLog : IDisposable
{
    /// <summary>Names the log in messages, for example by its file.</summary>
    string Name { get; }

    /// <summary>Creates the log where there is none, brings an older one up to date, and takes it over. Called again after <see cref="Close"/> when a bus is started again.</summary>
    /// <exception cref="EventLogException">It cannot be opened; nothing was changed.</exception>
    LogOpening Open();

    /// <summary>Begins a transaction. The earlier one has been disposed.</summary>
    /// <exception cref="EventLogBusyException">Somebody else keeps the log locked.</exception>
    ILogTransaction Begin();

    /// <summary>Records that nothing is under way, and lets the log go. Does nothing if it is not open.</summary>
    /// <param name="clean">Whether everything was stored; if not, the next <see cref="Open"/> tells that it was not closed.</param>
    void Close(bool clean);

    /// <summary>Reads events in order of sequence.</summary>
    /// <param name="after">Only those with a greater sequence; 0 begins.</param>
    /// <param name="count">At most so many; at least 1.</param>
    /// <param name="filter">Which; <see langword="null"/> for all.</param>
    /// <param name="cancellationToken">Ends the work within moments: what few events are wanted of may be the whole log. A bus that stops waits for that.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    IReadOnlyList<LogRecord> Read(long after, int count, LogFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Reads single events, in the order given. Those that are not there are left out.</summary>
    IReadOnlyList<LogRecord> Read(IReadOnlyList<long> sequences);

    /// <summary>The first sequence whose event was published at the time or later; <see langword="null"/> if there is none.</summary>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Ends the work within moments. A bus that stops waits for that.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    long? ReadSequenceAt(DateTimeOffset time, CancellationToken cancellationToken = default);

    /// <summary>The state of every subscription that the log knows, in order of name.</summary>
    IReadOnlyList<LogSubscription> ReadSubscriptions();

    /// <summary>A subscription's stored deliveries, in order of sequence and then of dead letter.</summary>
    IReadOnlyList<LogDelivery> ReadDeliveries(string subscription);

    /// <summary>The sequence of a subscription's first unsettled delivery (not <see cref="LogDeliveryState.Settled"/>), without those of dead letters, which have their events with them; <see langword="null"/> if there is none.
    /// Asked again and again while old events are removed: it should not read all.</summary>
    long? ReadFirstDelivery(string subscription);

    /// <summary>Dead letters from the oldest on. Those being redriven are left out.</summary>
    /// <param name="query">Which.</param>
    /// <param name="afterId">Only those with a greater id; 0 begins.</param>
    /// <param name="count">At most so many; at least 1.</param>
    /// <param name="cancellationToken">Ends the work within moments. A bus that stops waits for that.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    IReadOnlyList<LogDeadLetter> ReadDeadLetters(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken = default);

    /// <summary>One dead letter, also one being redriven; <see langword="null"/> if there is none.</summary>
    LogDeadLetter? ReadDeadLetter(long id);

    /// <summary>Counts dead letters. Those being redriven are left out.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Ends the work within moments. A bus that stops waits for that.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    long ReadDeadLetterCount(DeadLetterQuery query, CancellationToken cancellationToken = default);

    /// <summary>Scheduled events from the one that is due first on, in order of due time and then of being added.</summary>
    /// <param name="count">At most so many; at least 1.</param>
    IReadOnlyList<LogScheduledEvent> ReadScheduled(int count);

    /// <summary>How large the log is.</summary>
    LogStatistics ReadStatistics();

    /// <summary>Writes a copy of the log, as it is at one moment, that can be opened as a log of its own, while it is used.</summary>
    /// <param name="destination">The path of a file that does not exist.</param>
    /// <param name="cancellationToken">Ends the work within moments, and leaves no file behind. A bus that stops waits for that.</param>
    /// <exception cref="NotSupportedException">This log cannot do so.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    void Backup(string destination, CancellationToken cancellationToken = default);

    /// <summary>Looks for damage.</summary>
    /// <param name="cancellationToken">Ends the work within moments. A bus that stops waits for that.</param>
    /// <returns>What was found, in words; nothing if all is well.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    IReadOnlyList<string> CheckIntegrity(CancellationToken cancellationToken = default);
}
