using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Ordered;

/// <summary>Counts each key's events down, as its one handler at a time may do without a lock.</summary>
internal sealed class KeyCounters
{
    private readonly int[] _left = new int[KeySequence.Keys];
    private readonly Finish _finish = new();

    public Task Finished => _finish.Reached;

    public void Reset(KeySequence sequence, int events)
    {
        for (var i = 0; i < events; i++)
            _left[sequence[i].Key]++;
        _finish.Reset(_left.Count(static left => left > 0));
    }

    public void Count(KeyedFact fact)
    {
        if (--_left[fact.Key] == 0)
            _finish.Signal();
    }

    /// <summary>The same where nobody keeps two events of a key apart.</summary>
    public void CountTogether(KeyedFact fact)
    {
        if (Interlocked.Decrement(ref _left[fact.Key]) == 0)
            _finish.Signal();
    }
}
