namespace EventBus;

/// <summary>The bus's dead letters: look at them, deliver them again, or remove them.</summary>
/// <remarks>Where they are in the event log, every member throws an <see cref="EventBusStoppedException"/> while the bus is not started, and an <see cref="EventLogException"/> if the log fails.</remarks>
public interface IDeadLetters
{
    /// <summary>How many there are.</summary>
    /// <param name="query">Which; default: all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<long> CountAsync(DeadLetterQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>One page, from the oldest on.</summary>
    /// <param name="query">Which; default: all.</param>
    /// <param name="afterId">The id of the last letter of the page before; 0 begins.</param>
    /// <param name="count">At most so many; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery? query = null, long afterId = 0, int count = 100, CancellationToken cancellationToken = default);

    /// <summary>All of them, from the oldest on, read a page at a time.</summary>
    /// <param name="query">Which; default: all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<DeadLetter> AllAsync(DeadLetterQuery? query = null, CancellationToken cancellationToken = default);

    /// <summary>Delivers one again, to its own subscription only, with its attempts counted from 1 again.</summary>
    /// <returns><see langword="false"/> if there is none of this id: it was redriven, purged or evicted.</returns>
    /// <remarks>Waits for room in the subscription's queue; called from a handler it uses the workers' reserve instead. If the
    /// event cannot be queued, the letter is kept. One of a durable subscription waits for no room: that it is delivered again is committed to the log when this completes.</remarks>
    /// <exception cref="InvalidOperationException">Its subscription does not exist.</exception>
    /// <exception cref="PublishException">The bus is stopped, or there is no room and the caller may not wait. The letter is kept.</exception>
    /// <exception cref="AggregateException">It could not be queued, and the store did not take it back. The message names what is lost.</exception>
    ValueTask<bool> RedriveAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>Delivers several again, from the oldest on. Those that die again while this runs are not taken a second time.</summary>
    /// <returns>How many were redriven.</returns>
    /// <inheritdoc cref="RedriveAsync(long, CancellationToken)" path="/exception"/>
    ValueTask<long> RedriveAsync(DeadLetterQuery query, CancellationToken cancellationToken = default);

    /// <summary>Removes them for good.</summary>
    /// <returns>How many were removed.</returns>
    ValueTask<long> PurgeAsync(DeadLetterQuery query, CancellationToken cancellationToken = default);
}
