namespace EventBus.Queueing;

/// <summary>The workers of one queue that have nothing to do, and the rule by which they are woken: one at a time.</summary>
/// <remarks>
/// A woken worker that finds work wakes the next one if more is waiting. So there is never work that nobody was woken for,
/// and a publisher that is faster than the workers does not pay for waking each of them in vain.
/// </remarks>
internal sealed class SleepingWorkers<T>
{
    private readonly object _gate = new();
    private readonly List<Worker<T>> _asleep = [];
    private int _count;
    private int _searching;

    /// <summary>Whether anybody sleeps. Read it under a shard's lock after adding to it: a worker that falls asleep looks at
    /// every shard once more after it was counted here, so one of the two sees the other.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    public void Add(Worker<T> worker)
    {
        lock (_gate)
        {
            if (_asleep.Contains(worker))
                return;
            _asleep.Add(worker);
            Volatile.Write(ref _count, _asleep.Count);
        }
    }

    public void Remove(Worker<T> worker)
    {
        lock (_gate)
        {
            _asleep.Remove(worker);
            Volatile.Write(ref _count, _asleep.Count);
        }
    }

    /// <summary>Wakes one worker, unless one is already on its way.</summary>
    public void WakeOne()
    {
        if (Interlocked.CompareExchange(ref _searching, 1, 0) != 0)
            return;
        Worker<T>? woken = null;
        lock (_gate)
        {
            if (_asleep.Count > 0)
            {
                woken = _asleep[^1];
                _asleep.RemoveAt(_asleep.Count - 1);
                Volatile.Write(ref _count, _asleep.Count);
                woken.IsSearching = true;
            }
        }

        if (woken is null)
            Interlocked.Exchange(ref _searching, 0);
        else
            woken.Wake();
    }

    /// <summary>A woken worker has found work, or gives up: the next one may be woken.</summary>
    public void EndSearch(Worker<T> worker)
    {
        worker.IsSearching = false;
        Interlocked.Exchange(ref _searching, 0);
    }
}
