using System.Runtime.InteropServices;

namespace EventBus.Storage;

/// <summary>Remembers completed deliveries in memory, up to a bound. What the process forgets when it ends, it forgets.</summary>
public sealed class InMemoryIdempotencyStore : IIdempotencyStore
{
    /// <summary>The default bound: 100,000 completed deliveries.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly object _gate = new();
    private readonly Dictionary<IdempotencyKey, Entry> _entries = new(ByKey.Instance);
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly int _capacity;
    private readonly Entry _completed = new();
    private long _lastToken;
    private int _completedCount;
    private long _evictedEarly;

    /// <summary>Creates the store.</summary>
    /// <param name="capacity">How many completed deliveries are remembered at most; beyond it the oldest is forgotten early and
    /// counted in <see cref="EvictedEarly"/>. Claims do not count and are never evicted. At least 1.</param>
    /// <param name="timeProvider">The clock; default: the system's. Only its monotonic reading is used.</param>
    public InMemoryIdempotencyStore(int capacity = DefaultCapacity, TimeProvider? timeProvider = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
#pragma warning disable RS0030 // A store made outside a bus has no other door.
        _time = timeProvider ?? TimeProvider.System;
#pragma warning restore RS0030
        _origin = _time.GetTimestamp();
        _completed.Previous = _completed.Next = _completed;
    }

    /// <summary>How many completed deliveries were forgotten before their window was over, because the bound was reached.</summary>
    public long EvictedEarly => Volatile.Read(ref _evictedEarly);

    /// <summary>How many completed deliveries are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _completedCount;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IdempotencyClaim> ClaimAsync(IdempotencyKey key, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        var now = Now();
        lock (_gate)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out _);
            if (entry is null)
                entry = new Entry { Key = key };
            else if (entry.Until > now)
                return new(entry.IsCompleted ? IdempotencyClaim.Completed() : IdempotencyClaim.HeldByAnother(TimeSpan.FromTicks(entry.Until - now)));
            else if (entry.IsCompleted)
                Unlink(entry);
            entry.Token = ++_lastToken;
            entry.Until = After(now, lease);
            return new(IdempotencyClaim.Won(entry.Token));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewAsync(IdempotencyKey key, long token, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        var now = Now();
        lock (_gate)
        {
            if (Owned(key, token) is not { } entry)
                return new(false);
            entry.Until = After(now, lease);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(IdempotencyKey key, long token, TimeSpan window, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        var now = Now();
        lock (_gate)
        {
            if (Owned(key, token) is not { } entry)
                return new(false);
            entry.Until = After(now, window);
            Link(entry);
            Forget(now);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ReleaseAsync(IdempotencyKey key, long token, CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(Owned(key, token) is not null && _entries.Remove(key));
    }

    private static long After(long now, TimeSpan time) => time.Ticks > long.MaxValue - now ? long.MaxValue : now + time.Ticks;

    // Not the timestamp itself: one as large as a date has more digits than a double keeps.
    private long Now() => _time.GetElapsedTime(_origin).Ticks;

    private Entry? Owned(IdempotencyKey key, long token) =>
        _entries.TryGetValue(key, out var entry) && entry.Token == token && !entry.IsCompleted ? entry : null;

    // The list is in order of completion: its head is the first to be forgotten.
    private void Forget(long now)
    {
        while (_completed.Next is { } oldest && !ReferenceEquals(oldest, _completed) && (oldest.Until <= now || _completedCount > _capacity))
        {
            if (oldest.Until > now)
                _evictedEarly++;
            Unlink(oldest);
            _entries.Remove(oldest.Key);
        }
    }

    private void Link(Entry entry)
    {
        entry.Previous = _completed.Previous;
        entry.Next = _completed;
        _completed.Previous!.Next = entry;
        _completed.Previous = entry;
        _completedCount++;
    }

    private void Unlink(Entry entry)
    {
        entry.Previous!.Next = entry.Next;
        entry.Next!.Previous = entry.Previous;
        entry.Previous = entry.Next = null;
        _completedCount--;
    }

    /// <summary>Hashes the key alone: scopes are few and nearly always the same instance.</summary>
    private sealed class ByKey : IEqualityComparer<IdempotencyKey>
    {
        public static readonly ByKey Instance = new();

        public bool Equals(IdempotencyKey x, IdempotencyKey y) =>
            string.Equals(x.Key, y.Key, StringComparison.Ordinal) && string.Equals(x.Scope, y.Scope, StringComparison.Ordinal);

        public int GetHashCode(IdempotencyKey obj) => string.GetHashCode(obj.Key, StringComparison.Ordinal);
    }

    private sealed class Entry
    {
        public IdempotencyKey Key;
        public long Token;
        public long Until;
        public Entry? Previous;
        public Entry? Next;

        public bool IsCompleted => Next is not null;
    }
}
