using EventBus.Storage;

namespace EventBus.Testing;

/// <summary>A store of dead letters as one life of a bus sees it.</summary>
internal sealed record CrashableDeadLetterStore(IDeadLetterStore Store, Life Life) : IDeadLetterStore
{
    public ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        Life.Pass(nameof(AddAsync)) is { } error ? ValueTask.FromException<DeadLetterAddition>(error) : Store.AddAsync(letter, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken) =>
        Life.Pass(nameof(ListAsync)) is { } error ? ValueTask.FromException<IReadOnlyList<DeadLetter>>(error) : Store.ListAsync(query, afterId, count, cancellationToken);

    public ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken) =>
        Life.Pass(nameof(RemoveAsync)) is { } error ? ValueTask.FromException<DeadLetter?>(error) : Store.RemoveAsync(id, cancellationToken);

    public ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken) =>
        Life.Pass(nameof(RestoreAsync)) is { } error ? ValueTask.FromException(error) : Store.RestoreAsync(letter, cancellationToken);

    public ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken) =>
        Life.Pass(nameof(CountAsync)) is { } error ? ValueTask.FromException<long>(error) : Store.CountAsync(query, cancellationToken);
}
