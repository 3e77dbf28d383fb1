using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using EventBus.Events;
using EventBus.Timing;
using Microsoft.Extensions.Logging;

namespace EventBus.Observing;

/// <summary>What one bus tells to whoever listens. Nobody may listen, and somebody may begin to at any moment: that is asked for every event, and costs two fields.</summary>
internal sealed class BusTelemetry : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _processed;
    private readonly Func<Type, string> _nameOf;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<Type, PublishTelemetry> _publishing = new();
    private long _failures;

    /// <param name="wantedName">How the bus is called, if no other is called so.</param>
    /// <param name="nameOf">The names of event types.</param>
    /// <param name="identity">The ids of events.</param>
    /// <param name="clock">Measures how long handlers take.</param>
    /// <param name="scope">Whose meters these are, where somebody tells several apart.</param>
    /// <param name="log">Is told of listeners that fail.</param>
    public BusTelemetry(string wantedName, Func<Type, string> nameOf, EventIdentity identity, Clock clock, IMeterFactory? scope, ILogger log)
    {
        Name = BusNames.Take(wantedName);
        Identity = identity;
        Clock = clock;
        _nameOf = nameOf;
        _log = log;
        _meter = new Meter(new MeterOptions(Tracing.Name) { Version = Tracing.Version, Scope = scope, Tags = [TelemetryTags.Of(TelemetryTags.Bus, Name)] });
        _sent = _meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Events that were published, also those that were refused.");
        _processed = ProcessDuration.In(_meter);
    }

    public string Name { get; }

    public EventIdentity Identity { get; }

    public Clock Clock { get; }

    public ErrorTypes Errors { get; } = new();

    public bool SeesPublishing => Tracing.IsOn || _sent.Enabled;

    public bool SeesHandling => Tracing.IsOn || _processed.Enabled;

    public PublishTelemetry PublishingOf(Type eventType) =>
        _publishing.TryGetValue(eventType, out var known) ? known : _publishing.GetOrAdd(eventType, new PublishTelemetry(this, _nameOf(eventType)));

    /// <inheritdoc cref="Tracing.Start"/>
    public Activity? Start(string name, ActivityKind kind, KeyValuePair<string, object?>[] tags, TraceContext? parent = null, TraceContext? link = null)
    {
        var around = Activity.Current;
        try
        {
            return Tracing.Start(name, kind, tags, parent, link);
        }
        catch (Exception error)
        {
            // It may have begun before the listener threw, and would never end.
            Activity.Current = around;
            ListenerFailed(error);
            return null;
        }
    }

    /// <inheritdoc cref="Tracing.End"/>
    public void End(Activity? span, Exception? failure)
    {
        try
        {
            Tracing.End(span, failure);
        }
        catch (Exception error)
        {
            ListenerFailed(error);
        }
    }

    /// <summary>Counts a published event.</summary>
    public void CountSent(KeyValuePair<string, object?>[] tags)
    {
        try
        {
            _sent.Add(1, tags);
        }
        catch (Exception error)
        {
            ListenerFailed(error);
        }
    }

    /// <summary>Takes down how long an attempt took.</summary>
    public void RecordProcessed(double seconds, KeyValuePair<string, object?>[] tags)
    {
        try
        {
            _processed.Record(seconds, tags);
        }
        catch (Exception error)
        {
            ListenerFailed(error);
        }
    }

    /// <summary>Lets the numbers that the subscriptions keep anyway be read.</summary>
    public void Measure(Func<IReadOnlyList<IMeasured>> subscriptions) => SubscriptionInstruments.Add(_meter, Name, subscriptions);

    /// <summary>Ends the instruments, and lets another bus have the name.</summary>
    public void Dispose()
    {
        _meter.Dispose();
        BusNames.Return(Name);
    }

    // Its failure is not the event's: to the bus it would look as if the publish or the handler had failed.
    private void ListenerFailed(Exception error)
    {
        var count = Interlocked.Increment(ref _failures);
        if (Flood.IsWorthALine(count))
            LogMessages.ListenerFailed(_log, error, count);
    }
}
