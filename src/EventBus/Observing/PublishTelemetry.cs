using System.Diagnostics;
using EventBus.Events;

namespace EventBus.Observing;

/// <summary>What is told of the publishing of one event type: names and tags, put together once.</summary>
internal sealed class PublishTelemetry
{
    private readonly BusTelemetry _bus;
    private readonly KeyValuePair<string, object?>[] _counted;
    private readonly Operation _publish;
    private readonly Operation _schedule;

    public PublishTelemetry(BusTelemetry bus, string eventType)
    {
        _bus = bus;
        _counted = TelemetryTags.OfOperation(Operation.Publish, eventType, bus.Name);
        _publish = new(Operation.Publish, "send", eventType, bus.Name);
        _schedule = new("schedule", "create", eventType, bus.Name);
    }

    /// <summary>Begins the span of a publish. With what was said when it was scheduled, it belongs there.</summary>
    public Activity? Begin(TraceContext? scheduled = null) =>
        !Tracing.IsOn ? null
        : scheduled is null ? _bus.Start(_publish.SpanName, ActivityKind.Producer, _publish.Tags)
        : _bus.Start(_publish.SpanName, ActivityKind.Client, _publish.Tags, scheduled, scheduled);

    /// <summary>Begins the span of a publish of several events at once.</summary>
    public Activity? BeginMany(int count)
    {
        var span = Begin();
        span?.SetTag(TelemetryTags.BatchCount, count);
        return span;
    }

    /// <summary>Begins the span of an event that is put aside to be published later: whoever handles it belongs to this.</summary>
    public Activity? BeginSchedule() => Tracing.IsOn ? _bus.Start(_schedule.SpanName, ActivityKind.Producer, _schedule.Tags) : null;

    /// <summary>Counts an event, and ends its span. In this order, so that the count can lead to an example of a trace.</summary>
    public void End(Activity? span, Exception? failure)
    {
        Count(failure);
        _bus.End(span, failure);
    }

    public void Count(Exception? failure) =>
        _bus.CountSent(failure is null ? _counted : [.. _counted, TelemetryTags.Of(TelemetryTags.ErrorType, _bus.Errors.BoundedNameOf(failure))]);

    private sealed class Operation(string name, string type, string eventType, string bus)
    {
        public const string Publish = "publish";

        public string SpanName { get; } = $"{name} {eventType}";

        public KeyValuePair<string, object?>[] Tags { get; } = TelemetryTags.OfOperation(name, eventType, bus, TelemetryTags.Of(TelemetryTags.OperationType, type));
    }
}
