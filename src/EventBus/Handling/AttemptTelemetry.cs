using System.Diagnostics;
using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Observing;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>Tells of the attempts of one subscription, while somebody listens.</summary>
/// <param name="bus">What the bus tells.</param>
/// <param name="subscription">The subscription.</param>
/// <param name="measured">Under which name metrics tell of it: they must not have more and more.</param>
/// <param name="isInline">Whether its handlers run within the publish, and belong to whatever runs there.</param>
internal sealed class AttemptTelemetry(BusTelemetry bus, string subscription, string measured, bool isInline)
{
    // The event type that came last: most subscriptions get only one.
    private OfType? _latest;

    public bool IsWanted => bus.SeesHandling;

    /// <summary>Calls the handler within a span, and takes the time.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Outcome> RunAsync<T>(HandlerCall<T> call, T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        var names = NamesOf(typeof(T).IsValueType ? typeof(T) : @event!.GetType(), context.Host);
        var span = Tracing.IsOn ? Begin(names, context) : null;
        var startedAt = bus.Clock.Now;
        var outcome = await call.TryAsync(@event, context, cancellationToken).AnyContext();
        // Before the span ends, so that the measurement can lead to an example of a trace.
        Record(names, bus.Clock.Now - startedAt, outcome.Error);
        bus.End(span, outcome.Error);
        return outcome;
    }

    private OfType NamesOf(Type eventType, IDeliveryHost host) =>
        _latest is { } latest && latest.EventType == eventType ? latest : _latest = new OfType(eventType, host.TypeNameOf(eventType), subscription, measured, bus.Name);

    private Activity? Begin(OfType names, DeliveryContext context)
    {
        var published = isInline ? null : context.Details?.Trace;
        var span = bus.Start(names.SpanName, ActivityKind.Consumer, names.OfSpans, published, published);
        if (span is not { IsAllDataRequested: true })
            return span;
        Tracing.Describe(span, context.Id, context.Details?.CorrelationId);
        span.SetTag(TelemetryTags.Attempt, context.Attempt);
        if (context.Sequence is { } sequence)
            span.SetTag(TelemetryTags.Sequence, sequence);
        if (context.IsReplay)
            span.SetTag(TelemetryTags.IsReplay, true);
        return span;
    }

    private void Record(OfType names, long ticks, Exception? error)
    {
        var seconds = (double)ticks / TimeSpan.TicksPerSecond;
        bus.RecordProcessed(seconds, error is null ? names.OfMeasurements : [.. names.OfMeasurements, TelemetryTags.Of(TelemetryTags.ErrorType, bus.Errors.BoundedNameOf(error))]);
    }

    /// <summary>Names and tags for one event type, put together once.</summary>
    private sealed class OfType(Type eventType, string typeName, string subscription, string measured, string bus)
    {
        public Type EventType => eventType;

        public string SpanName { get; } = $"{TelemetryTags.Process} {typeName}";

        public KeyValuePair<string, object?>[] OfMeasurements { get; } =
            TelemetryTags.OfOperation(TelemetryTags.Process, typeName, bus, TelemetryTags.Of(TelemetryTags.Subscription, measured));

        public KeyValuePair<string, object?>[] OfSpans { get; } =
            TelemetryTags.OfOperation(TelemetryTags.Process, typeName, bus, TelemetryTags.Of(TelemetryTags.Subscription, subscription), TelemetryTags.Of(TelemetryTags.OperationType, TelemetryTags.Process));
    }
}
