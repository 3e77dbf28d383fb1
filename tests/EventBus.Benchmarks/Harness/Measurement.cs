namespace EventBus.Benchmarks.Harness;

/// <summary>One case, measured once: the medians of its rounds.</summary>
internal sealed record Measurement(Sample Limit, Sample Ours)
{
    public static Measurement MedianOf(IReadOnlyList<Measurement> runs) =>
        new(Median.Of([.. runs.Select(static run => run.Limit)]), Median.Of([.. runs.Select(static run => run.Ours)]));
}
