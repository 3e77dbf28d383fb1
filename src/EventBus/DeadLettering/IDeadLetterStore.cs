namespace EventBus.Storage;

/// <summary>Keeps dead letters.</summary>
/// <remarks>All members are called from many threads at once. A store that fails should throw: the delivery then stays with
/// its subscription and the store is asked again later, so that the delivery is always in exactly one place.</remarks>
public interface IDeadLetterStore
{
    /// <summary>Keeps a dead letter.</summary>
    /// <param name="letter">The letter; its <see cref="DeadLetter.Id"/> is 0 and is given by the store.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The letter as it is kept, and the letters that had to go to make room for it.</returns>
    ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken);

    /// <summary>Lists dead letters from the oldest on, a page at a time.</summary>
    /// <param name="query">Which.</param>
    /// <param name="afterId">Only those with a greater id; 0 begins.</param>
    /// <param name="count">At most so many; at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken);

    /// <summary>Takes one dead letter out.</summary>
    /// <returns>The letter, or <see langword="null"/> if there is none of this id. Of two calls at once only one gets it.</returns>
    ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken);

    /// <summary>Puts a letter back that was taken out and could not be delivered, under its own id.</summary>
    ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken);

    /// <summary>Counts dead letters.</summary>
    ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken);
}
