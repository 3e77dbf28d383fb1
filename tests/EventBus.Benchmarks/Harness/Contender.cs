using System.Diagnostics;

namespace EventBus.Benchmarks.Harness;

/// <summary>One side of a comparison: the limit, or the bus.</summary>
internal abstract class Contender : IAsyncDisposable
{
    /// <summary>Gets ready for a round. Not measured.</summary>
    public virtual void Prepare(int events)
    {
    }

    /// <summary>Publishes so many events; completes when the last one is handled.</summary>
    public abstract Task RunAsync(int events);

    /// <summary>Measures one round.</summary>
    public virtual async Task<Sample> MeasureAsync(int events)
    {
        Prepare(events);
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        await RunAsync(events);
        var elapsed = Stopwatch.GetElapsedTime(start);
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new(elapsed.TotalNanoseconds / events, (double)bytes / events);
    }

    public abstract ValueTask DisposeAsync();
}
