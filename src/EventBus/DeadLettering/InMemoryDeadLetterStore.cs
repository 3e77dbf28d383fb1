namespace EventBus.Storage;

/// <summary>Keeps dead letters in memory, up to a bound. They are gone when the process ends.</summary>
public sealed class InMemoryDeadLetterStore : IDeadLetterStore
{
    /// <summary>The default bound: 10,000 dead letters.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly object _gate = new();
    private SortedSet<Kept>? _letters;
    private readonly int _capacity;
    private long _lastId;

    // Made with the first letter: most processes never have one.
    private SortedSet<Kept> Letters => _letters ??= new(Comparer<Kept>.Create(static (a, b) => a.Id.CompareTo(b.Id)));

    /// <summary>Creates the store.</summary>
    /// <param name="capacity">How many dead letters are kept at most; beyond it the oldest is evicted, logged and counted. At least 1.</param>
    public InMemoryDeadLetterStore(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <inheritdoc/>
    public ValueTask<DeadLetterAddition> AddAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letter);
        lock (_gate)
        {
            var kept = letter with { Id = ++_lastId };
            Letters.Add(new(kept.Id, kept));
            if (Letters.Count <= _capacity)
                return new(new DeadLetterAddition(kept, []));
            var oldest = Letters.Min;
            Letters.Remove(oldest);
            return new(new DeadLetterAddition(kept, [oldest.Letter]));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterQuery query, long afterId, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var page = new List<DeadLetter>();
        lock (_gate)
        {
            if (afterId == long.MaxValue)
                return new(page);
            // A view finds its first letter by descending the tree: a late page costs no more than the first.
            foreach (var (_, letter) in Letters.GetViewBetween(new(afterId + 1, null!), new(long.MaxValue, null!)))
            {
                if (!query.Matches(letter))
                    continue;
                page.Add(letter);
                if (page.Count == count)
                    break;
            }
        }

        return new(page);
    }

    /// <inheritdoc/>
    public ValueTask<DeadLetter?> RemoveAsync(long id, CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(Letters.TryGetValue(new(id, null!), out var kept) && Letters.Remove(kept) ? kept.Letter : null);
    }

    /// <inheritdoc/>
    public ValueTask RestoreAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letter);
        lock (_gate)
            Letters.Add(new(letter.Id, letter));
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_gate)
            return new(Letters.LongCount(kept => query.Matches(kept.Letter)));
    }

    private readonly record struct Kept(long Id, DeadLetter Letter);
}
