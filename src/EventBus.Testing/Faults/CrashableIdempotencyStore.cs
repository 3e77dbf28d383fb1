using EventBus.Storage;

namespace EventBus.Testing;

/// <summary>A store of handled deliveries as one life of a bus sees it.</summary>
internal sealed record CrashableIdempotencyStore(IIdempotencyStore Store, Life Life) : IIdempotencyStore
{
    public ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken) =>
        Life.Pass(nameof(ClaimAsync)) is { } error ? ValueTask.FromException<IdempotencyClaim>(error) : Store.ClaimAsync(key, lease, cancellationToken);

    public ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken) =>
        Life.Pass(nameof(RenewAsync)) is { } error ? ValueTask.FromException<bool>(error) : Store.RenewAsync(key, token, lease, cancellationToken);

    public ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken) =>
        Life.Pass(nameof(CompleteAsync)) is { } error ? ValueTask.FromException<bool>(error) : Store.CompleteAsync(key, token, window, cancellationToken);

    public ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken) =>
        Life.Pass(nameof(ReleaseAsync)) is { } error ? ValueTask.FromException<bool>(error) : Store.ReleaseAsync(key, token, cancellationToken);
}
