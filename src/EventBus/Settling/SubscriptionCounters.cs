namespace EventBus.Settling;

/// <summary>What became of a subscription's deliveries. Only grows.</summary>
internal sealed class SubscriptionCounters
{
    public long Failed;
    public long Retried;
    public long Duplicates;
    public long Filtered;
    public long Expired;
    public long DeadLettered;
    public long Dropped;
    public long Refused;
    public long Missed;
    public long Stuck;
    public long AbandonedAttempts;

    private readonly object _gate = new();
    private Cell[] _cells = [];
    private long _handled;

    /// <summary>Deliveries handled. Each worker counts in a cell of its own, which nobody else writes to.</summary>
    public long Handled
    {
        get
        {
            var sum = Volatile.Read(ref _handled);
            foreach (var cell in Volatile.Read(ref _cells))
                sum += Volatile.Read(ref cell.Value);
            return sum;
        }
    }

    public Cell NewCell()
    {
        var cell = new Cell();
        lock (_gate)
            Volatile.Write(ref _cells, [.. _cells, cell]);
        return cell;
    }

    public void AddHandled(long count) => Interlocked.Add(ref _handled, count);

    /// <summary>A number with one writer, alone on its cache line.</summary>
    internal sealed class Cell
    {
        public long Value;
#pragma warning disable CS0169, CA1823, IDE0051 // Padding.
        private readonly long _p1, _p2, _p3, _p4, _p5, _p6, _p7;
#pragma warning restore CS0169, CA1823, IDE0051
    }
}
