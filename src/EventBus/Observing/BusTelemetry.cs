using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Observing;

/// <summary>What one bus tells to whoever listens. Nobody may listen, and somebody may begin to at any moment: that is asked for every event, and costs two fields.</summary>
internal sealed class BusTelemetry : IDisposable
{
    private readonly Meter _meter;
    private readonly Func<Type, string> _nameOf;
    private readonly ConcurrentDictionary<Type, PublishTelemetry> _publishing = new();

    /// <param name="wantedName">How the bus is called, if no other is called so.</param>
    /// <param name="nameOf">The names of event types.</param>
    /// <param name="identity">The ids of events.</param>
    /// <param name="clock">Measures how long handlers take.</param>
    /// <param name="scope">Whose meters these are, where somebody tells several apart.</param>
    public BusTelemetry(string wantedName, Func<Type, string> nameOf, EventIdentity identity, Clock clock, IMeterFactory? scope)
    {
        Name = BusNames.Take(wantedName);
        Identity = identity;
        Clock = clock;
        _nameOf = nameOf;
        _meter = new Meter(new MeterOptions(Tracing.Name) { Version = Tracing.Version, Scope = scope, Tags = [TelemetryTags.Of(TelemetryTags.Bus, Name)] });
        Sent = _meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Events that were published, also those that were refused.");
        Processed = ProcessDuration.In(_meter);
    }

    public string Name { get; }

    public EventIdentity Identity { get; }

    public Clock Clock { get; }

    public Counter<long> Sent { get; }

    public Histogram<double> Processed { get; }

    public ErrorTypes Errors { get; } = new();

    public bool SeesPublishing => Tracing.IsOn || Sent.Enabled;

    public bool SeesHandling => Tracing.IsOn || Processed.Enabled;

    public PublishTelemetry PublishingOf(Type eventType) =>
        _publishing.TryGetValue(eventType, out var known) ? known : _publishing.GetOrAdd(eventType, new PublishTelemetry(this, _nameOf(eventType)));

    /// <summary>Lets the numbers that the subscriptions keep anyway be read.</summary>
    public void Measure(Func<IReadOnlyList<IMeasured>> subscriptions) => SubscriptionInstruments.Add(_meter, Name, subscriptions);

    /// <summary>Ends the instruments, and lets another bus have the name.</summary>
    public void Dispose()
    {
        _meter.Dispose();
        BusNames.Return(Name);
    }
}
