using System.Runtime.InteropServices;
using EventBus.Idempotency;
using EventBus.Timing;

namespace EventBus.Storage;

/// <summary>Remembers completed deliveries in memory, up to a bound. What the process forgets when it ends, it forgets.</summary>
public sealed class InMemoryIdempotencyStore : IIdempotencyStore
{
    /// <summary>The default bound: 100,000 completed deliveries.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly object _gate = new();
    private readonly Dictionary<HashedKey, Claim> _claims = [];
    private readonly CompletedLog _completed;
    private readonly Clock _clock;
    private long _lastToken;
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
        var hashed = HashedKey.Of(key);
        var now = _clock.Coarse;
        lock (_gate)
        {
            if (_completed.Contains(key, hashed.Hash, now))
                return new(IdempotencyClaim.Completed());
            ref var claim = ref CollectionsMarshal.GetValueRefOrAddDefault(_claims, hashed, out var exists);
            if (exists && claim.Until > now)
                return new(IdempotencyClaim.HeldByAnother(TimeSpan.FromTicks(claim.Until - now)));
            claim = new(++_lastToken, After(now, lease));
            return new(IdempotencyClaim.Won(claim.Token));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        var hashed = HashedKey.Of(key);
        lock (_gate)
        {
            if (!Owns(hashed, token))
                return new(false);
            _claims[hashed] = new(token, After(_clock.Coarse, lease));
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        var hashed = HashedKey.Of(key);
        var now = _clock.Coarse;
        lock (_gate)
        {
            if (!_claims.Remove(hashed, out var claim))
                return new(false);
            if (claim.Token != token)
            {
                _claims.Add(hashed, claim);
                return new(false);
            }

            _evictedEarly += _completed.Add(key, hashed.Hash, After(now, window), now);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken)
    {
        var hashed = HashedKey.Of(key);
        lock (_gate)
            return new(Owns(hashed, token) && _claims.Remove(hashed));
    }

    private static long After(long now, TimeSpan time) => time.Ticks > long.MaxValue - now ? long.MaxValue : now + time.Ticks;

    private bool Owns(in HashedKey key, long token) => _claims.TryGetValue(key, out var claim) && claim.Token == token;

    private readonly record struct Claim(long Token, long Until);

    /// <summary>A key whose hash is computed once. Of the key alone: scopes are few and nearly always the same instance.</summary>
    private readonly struct HashedKey(IdempotencyKey key, int hash) : IEquatable<HashedKey>
    {
        public readonly int Hash = hash;
        private readonly IdempotencyKey _key = key;

        public static HashedKey Of(in IdempotencyKey key) => new(key, string.GetHashCode(key.Key, StringComparison.Ordinal));

        public bool Equals(HashedKey other) => Hash == other.Hash && _key.Key == other._key.Key && _key.Scope == other._key.Scope;

        public override bool Equals(object? obj) => obj is HashedKey other && Equals(other);

        public override int GetHashCode() => Hash;
    }
}
