namespace EventBus.Benchmarks.Harness;

internal static class Median
{
    public static double Of(IEnumerable<double> values) => Quantile(values, 0.5);

    public static double Quantile(IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToArray();
        var position = quantile * (sorted.Length - 1);
        var below = sorted[(int)Math.Floor(position)];
        var above = sorted[(int)Math.Ceiling(position)];
        return below + ((above - below) * (position - Math.Floor(position)));
    }

    public static Sample Of(IReadOnlyList<Sample> samples) =>
        new(Of(samples.Select(static s => s.Nanoseconds)), Of(samples.Select(static s => s.Bytes)), Of(samples.Select(static s => s.Tail)));
}
