using OpenTelemetry.Metrics;

namespace EventBus.Telemetry.Tests.Support;

/// <summary>One exported number.</summary>
internal sealed record Point(string Metric, string Unit, IReadOnlyDictionary<string, string> Tags, double Value, IReadOnlyList<string> ExampleTraces)
{
    public static IEnumerable<Point> Of(MetricSnapshot metric)
    {
        foreach (var point in metric.MetricPoints)
            yield return new(metric.Name, metric.Unit, TagsOf(point), ValueOf(metric.MetricType, point), TracesOf(point));
    }

    public string this[string tag] => Tags.GetValueOrDefault(tag, "");

    private static Dictionary<string, string> TagsOf(MetricPoint point)
    {
        var tags = new Dictionary<string, string>();
        foreach (var (name, value) in point.Tags)
            tags.Add(name, value?.ToString() ?? "");
        return tags;
    }

    private static double ValueOf(MetricType type, MetricPoint point) => type switch
    {
        MetricType.Histogram => point.GetHistogramCount(),
        MetricType.LongSum => point.GetSumLong(),
        MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static List<string> TracesOf(MetricPoint point)
    {
        var traces = new List<string>();
        if (point.TryGetExemplars(out var exemplars))
        {
            foreach (ref readonly var exemplar in exemplars)
                traces.Add(exemplar.TraceId.ToHexString());
        }

        return traces;
    }
}
