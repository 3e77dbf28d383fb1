using EventBus.Storage;

namespace EventBus.BehaviourTests.Support;

/// <summary>An idempotency store that takes no claims while it is down.</summary>
internal sealed class FailingStore : IIdempotencyStore
{
    private readonly InMemoryIdempotencyStore _inner = new();

    public volatile bool IsDown;

    public ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken) =>
        IsDown ? throw new IOException("The store is down.") : _inner.ClaimAsync(key, lease, cancellationToken);

    public ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken) =>
        _inner.RenewAsync(key, token, lease, cancellationToken);

    public ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken) =>
        _inner.CompleteAsync(key, token, window, cancellationToken);

    public ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken) =>
        _inner.ReleaseAsync(key, token, cancellationToken);
}
