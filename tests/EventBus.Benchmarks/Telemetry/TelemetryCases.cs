using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Queued;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EventBus.Benchmarks.Telemetry;

/// <summary>What OpenTelemetry costs a queued event, from the publish to its handler's return: the same bus with and without it.</summary>
internal static class TelemetryCases
{
    public static IEnumerable<Case> All =>
    [
        Of("telemetry, metrics", Goal.Difference(150).AndNoBytes(), static () => Sdk.CreateMeterProviderBuilder().AddMeter("EventBus").Build()),
        Of("telemetry, traces, one in a thousand", Goal.Reported(), static () => Sdk.CreateTracerProviderBuilder().AddSource("EventBus").SetSampler(new TraceIdRatioBasedSampler(0.001)).Build()),
        Of("telemetry, traces, all", Goal.Reported(), static () => Sdk.CreateTracerProviderBuilder().AddSource("EventBus").SetSampler(new AlwaysOnSampler()).Build()),
    ];

    private static Case Of(string name, Goal goal, Func<IDisposable> listen) =>
        new(name, "queued, nobody listens", goal, static () => new QueuedBus(1, 1), () => new ListenedTo(new QueuedBus(1, 1), listen));
}
