using EventBus.Benchmarks.Durable;
using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Inline;
using EventBus.Benchmarks.Latency;
using EventBus.Benchmarks.Ordered;
using EventBus.Benchmarks.Queued;
using EventBus.Benchmarks.Stages;
using EventBus.Benchmarks.Startup;
using EventBus.Benchmarks.Telemetry;

namespace EventBus.Benchmarks;

/// <summary>All cases in one table.</summary>
internal static class QuickTable
{
    private const int EventsOfQuickLog = 200_000;
    private const int EventsOfFullLog = 1_000_000;

    private static IEnumerable<Case> Cases(bool isFull) =>
        InlineCases.All
            .Concat(QueuedCases.All)
            .Concat(OrderedCases.All)
            .Concat(StageCases.All)
            .Concat(TelemetryCases.All)
            .Concat(DurableCases.All(isFull ? EventsOfFullLog : EventsOfQuickLog))
            .Concat(LatencyCases.All)
            .Concat(StartupCases.All);

    /// <param name="runs">How often each case is measured.</param>
    /// <param name="only">A part of the names of the cases that are wanted.</param>
    /// <param name="isFull">Whether logs hold a million events, and not a fifth of it.</param>
    public static async Task PrintAsync(int runs, string only, bool isFull)
    {
        var table = new Table(Console.Out);
        table.Head(runs);
        foreach (var @case in Cases(isFull).Where(@case => @case.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            var measurements = new List<Measurement>();
            for (var run = 0; run < runs; run++)
                measurements.Add(await @case.MeasureAsync());
            table.Row(@case, measurements);
        }
    }
}
