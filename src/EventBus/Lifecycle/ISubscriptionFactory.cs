using EventBus.Routing;

namespace EventBus.Lifecycle;

/// <summary>Makes a bus's subscriptions from what was registered.</summary>
internal interface ISubscriptionFactory
{
    Subscription[] CreateAll(Bus bus);

    Subscription Create<TEvent>(Bus bus, Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure)
        where TEvent : notnull;

    /// <summary>Whether there are handlers that are closed for each event type.</summary>
    bool HasOpenHandlers { get; }

    /// <summary>The subscriptions of open handlers to an event type.</summary>
    /// <exception cref="EventBusConfigurationException">What configured them made them wrong.</exception>
    Subscription[] Close(Bus bus, Type eventType);

    /// <summary>A name for a stream that no subscription of the bus has: what was given, or what follows from the event type, and a number.</summary>
    string NameOfStream(Bus bus, string? given, Type eventType);

    EventBusTopology Describe(IReadOnlyList<Subscription> subscriptions);
}
