using System.Diagnostics;
using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Latency;

/// <summary>Publishes one event at a time to a consumer that has gone to sleep, and takes the time until it handles it.</summary>
internal abstract class LatencyContender : Contender
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private long _handledAt;

    public override Task RunAsync(int events) => MeasureAsync(events);

    // A thread of its own publishes: one of the pool's would be missing there while it pauses.
    public override Task<Sample> MeasureAsync(int events) =>
        Task.Factory.StartNew(() => Measure(events), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    protected abstract ValueTask PublishAsync();

    protected void Handled() => Volatile.Write(ref _handledAt, Stopwatch.GetTimestamp());

    private Sample Measure(int events)
    {
        var times = new double[events];
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < events; i++)
        {
            Thread.Sleep(s_pause);
            Volatile.Write(ref _handledAt, 0);
            var start = Stopwatch.GetTimestamp();
            PublishAsync().AsTask().GetAwaiter().GetResult();
            var spinner = default(SpinWait);
            while (Volatile.Read(ref _handledAt) == 0)
                spinner.SpinOnce(sleep1Threshold: -1);
            times[i] = Stopwatch.GetElapsedTime(start, _handledAt).TotalNanoseconds;
        }

        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        return new(Median.Of(times), (double)bytes / events, Median.Quantile(times, 0.99));
    }
}
