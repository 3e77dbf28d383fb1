using EventBus.Idempotency;
using EventBus.Timing;

namespace EventBus.Storage;

/// <summary>Remembers completed deliveries in memory, up to a bound. What the process forgets when it ends, it forgets.</summary>
public sealed class InMemoryIdempotencyStore : IIdempotencyStore
{
    /// <summary>The default bound: 100,000 completed deliveries.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly object _gate = new();
    private readonly ClaimTable _claims = new();
    private readonly CompletedLog _completed;
    private readonly Clock _clock;
    private long _evictedEarly;

    /// <summary>Creates the store.</summary>
    /// <param name="capacity">How many completed deliveries are remembered at most; beyond it the oldest is forgotten early and
    /// counted in <see cref="EvictedEarly"/>. Claims do not count and are never evicted. At least 1.</param>
    /// <param name="timeProvider">The clock; default: the system's. Only its monotonic reading is used.</param>
    public InMemoryIdempotencyStore(int capacity = DefaultCapacity, TimeProvider? timeProvider = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
#pragma warning disable RS0030 // A store made outside a bus has no other door.
        _clock = new Clock(timeProvider ?? TimeProvider.System);
#pragma warning restore RS0030
        _completed = new CompletedLog(capacity);
    }

    /// <summary>How many completed deliveries were forgotten before their window was over, because the bound was reached.</summary>
    public long EvictedEarly => Volatile.Read(ref _evictedEarly);

    /// <summary>How many completed deliveries are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _completed.Count;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        // Of the key alone: scopes are few.
        var hash = string.GetHashCode(key.Key, StringComparison.Ordinal);
        var now = _clock.Coarse;
        lock (_gate)
        {
            if (_completed.Contains(key, hash, now))
                return new(IdempotencyClaim.Completed());
            ref var held = ref _claims.Find(key, hash, out var exists);
            if (exists && held.Until > now)
                return new(IdempotencyClaim.HeldByAnother(TimeSpan.FromTicks(held.Until - now)));
            var until = Clock.After(now, lease);
            return new(IdempotencyClaim.Won(exists ? _claims.Pass(ref held, until) : _claims.Add(key, hash, until)));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        lock (_gate)
        {
            ref var claim = ref _claims.Find(token, key, out var isOwned);
            if (isOwned)
                claim.Until = Clock.After(_clock.Coarse, lease);
            return new(isOwned);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        var now = _clock.Coarse;
        lock (_gate)
        {
            ref var claim = ref _claims.Find(token, key, out var isOwned);
            if (isOwned)
            {
                _evictedEarly += _completed.Add(key, claim.Hash, Clock.After(now, window), now);
                _claims.Remove(claim);
            }

            return new(isOwned);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ref var claim = ref _claims.Find(token, key, out var isOwned);
            if (isOwned)
                _claims.Remove(claim);
            return new(isOwned);
        }
    }
}
