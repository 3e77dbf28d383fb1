using System.Collections.Concurrent;

namespace EventBus.BehaviourTests.Support;

/// <summary>What handlers have seen of each key, and whether two of one key ever ran at once.</summary>
internal sealed class KeyedHistory<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, List<int>> _seen = new();
    private readonly ConcurrentDictionary<TKey, int> _running = new();
    private int _overlaps;

    public int Overlaps => Volatile.Read(ref _overlaps);

    public int Keys => _seen.Count;

    public IReadOnlyList<int> this[TKey key] => _seen.GetValueOrDefault(key) ?? [];

    /// <summary>A handler that leaves its thread in the middle.</summary>
    public async ValueTask HandleAsync(TKey key, int number)
    {
        if (_running.AddOrUpdate(key, 1, static (_, running) => running + 1) > 1)
            Interlocked.Increment(ref _overlaps);
        if (number % 3 == 0)
            await Task.Yield();
        var seen = _seen.GetOrAdd(key, static _ => []);
        lock (seen)
            seen.Add(number);
        _running.AddOrUpdate(key, 0, static (_, running) => running - 1);
    }
}
