using System.Diagnostics.Metrics;

namespace EventBus.Observing;

/// <summary>How long attempts take.</summary>
internal static class ProcessDuration
{
    // Those that the conventions ask for; and below them, for a handler in the same process may take microseconds; and above, up to the default timeout.
    private static readonly double[] s_boundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300];

    public static Histogram<double> In(Meter meter) =>
#if NET9_0_OR_GREATER
        meter.CreateHistogram("messaging.process.duration", "s", "How long an attempt takes, from the call of the handler to its return.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_boundaries });
#else
        meter.CreateHistogram<double>("messaging.process.duration", "s", "How long an attempt takes, from the call of the handler to its return.");
#endif
}
