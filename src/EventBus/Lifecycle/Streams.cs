using EventBus.Recording;
using EventBus.Routing;
using EventBus.Settling;

namespace EventBus.Lifecycle;

/// <summary>Opens streams.</summary>
internal sealed class Streams(Bus bus, RouteTable routes, ISubscriptionFactory factory)
{
    public IAsyncEnumerable<StreamedEvent<TEvent>> Of<TEvent>(StreamOptions options, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        if (options.From is not null)
            CheckLogged(typeof(TEvent));
        return new EventStream<TEvent>(this, options, cancellationToken);
    }

    /// <summary>Begins a stream: it gets what is published from now on, or what is in the log.</summary>
    public IStreamSource Open(Type eventType, StreamOptions options)
    {
        ObjectDisposedException.ThrowIf(bus.State == EventBusState.Disposed, bus);
        var name = factory.NameOfStream(bus, options.Name, eventType);
        return options.From is { } from ? OpenLog(name, eventType, options, from) : OpenLive(name, eventType, options);
    }

    private StreamSubscription OpenLive(string name, Type eventType, StreamOptions options)
    {
        var whenFull = options.WhenFull ?? QueueFullMode.DropOldest;
        var stream = new StreamSubscription(name, eventType, new SubscriptionCounters(), options.Capacity, whenFull, bus, bus.Parts.Starter, bus.Parts.Log)
        {
            OnDispose = bus.EndAsync,
            Description = () => $"stream, capacity {options.Capacity}, {TextOf(whenFull)}",
        };
        routes.Add([stream]);
        return stream;
    }

    private LogStream OpenLog(string name, Type eventType, StreamOptions options, LogPosition from)
    {
        var session = bus.Parts.EventLog!.Recorder.Session; // There is a log, or the stream would not have been made.
        var stream = new LogStream(name, eventType, new SubscriptionCounters(), options.Capacity, from, session, bus, bus.Parts.Starter, bus.Parts.Log)
        {
            OnDispose = bus.EndAsync,
            Description = () => $"stream from the log, {from}, capacity {options.Capacity}",
        };
        routes.Add([stream]);
        stream.Begin();
        return stream;
    }

    private void CheckLogged(Type eventType)
    {
        if (bus.Parts.EventLog?.Recorder is not { } recorder)
            throw new InvalidOperationException("StreamOptions.From is a place in the event log, and the bus has no event log. Add bus.UseSqlite(...) of the package EmbeddedEventBus.Sqlite, or bus.UseEventLog(...), or leave From out.");
        if (!recorder.Codec.Types.Types.Any(type => eventType.IsAssignableFrom(type) && routes.ForRuntimeType(type).Route.IsRecorded))
            throw new InvalidOperationException($"StreamOptions.From is a place in the event log, and no event of type '{eventType.FullName}' goes there. Add AddEvent<{eventType.Name}>(e => e.Logged()) to the bus, or a durable subscription to it, or leave From out.");
    }

    private static string TextOf(QueueFullMode whenFull) => whenFull switch
    {
        QueueFullMode.DropOldest => "drops the oldest",
        QueueFullMode.DropNewest => "drops the newest",
        _ => "fails when full",
    };
}
