using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EventBus.Telemetry.Tests.Support;

/// <summary>The real OpenTelemetry SDK, as an application adds it, and what it exports.</summary>
internal sealed class Exported : IDisposable
{
    /// <summary>A source that stands for the application's own.</summary>
    public static readonly ActivitySource Application = new("application");

    private readonly List<Activity> _spans = [];
    private readonly List<MetricSnapshot> _metrics = [];
    private readonly TracerProvider? _tracing;
    private readonly MeterProvider? _metering;

    private Exported(Sampler? sampler, bool withSpans, bool withMetrics)
    {
        if (withSpans)
        {
            _tracing = Sdk.CreateTracerProviderBuilder()
                .SetSampler(sampler ?? new AlwaysOnSampler())
                .AddSource("EventBus")
                .AddSource(Application.Name)
                .AddInMemoryExporter(_spans)
                .Build();
        }

        if (withMetrics)
        {
            _metering = Sdk.CreateMeterProviderBuilder()
                .AddMeter("EventBus")
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddInMemoryExporter(_metrics)
                .Build();
        }
    }

    /// <summary>The spans that have ended, in the order in which they ended.</summary>
    public IReadOnlyList<Activity> Spans => _spans;

    public static Exported Both() => new(null, withSpans: true, withMetrics: true);

    public static Exported Traces(Sampler? sampler = null) => new(sampler, withSpans: true, withMetrics: false);

    public static Exported Metrics() => new(null, withSpans: false, withMetrics: true);

    public IEnumerable<Activity> Named(string name) => _spans.Where(span => span.DisplayName == name);

    public Activity One(string name) => Assert.Single(Named(name));

    /// <summary>Collects the metrics of all buses as they are now.</summary>
    public IReadOnlyList<Point> Collect()
    {
        _metrics.Clear();
        _metering!.ForceFlush();
        return [.. _metrics.SelectMany(Point.Of)];
    }

    public void Dispose()
    {
        _tracing?.Dispose();
        _metering?.Dispose();
    }
}
