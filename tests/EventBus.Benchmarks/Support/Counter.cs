namespace EventBus.Benchmarks.Support;

/// <summary>Counts one reader's events down; the same work on both sides.</summary>
internal sealed class Counter(Finish finish)
{
    private const int Own = 32;

    // In the middle of an array, so that no two counters share a cache line.
    private readonly int[] _left = new int[64];

    public void Reset(int events) => _left[Own] = events;

    public void Count()
    {
        if (--_left[Own] == 0)
            finish.Signal();
    }
}

/// <summary>A handler that only counts.</summary>
internal sealed class CountingHandler(Counter counter) : IEventHandler<Fact>
{
    public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken)
    {
        counter.Count();
        return default;
    }
}
