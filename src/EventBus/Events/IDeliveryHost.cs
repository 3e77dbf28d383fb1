namespace EventBus.Events;

/// <summary>What a delivery's context asks the bus for.</summary>
internal interface IDeliveryHost
{
    EventIdentity Identity { get; }

    IServiceProvider RootServices { get; }

    string TypeNameOf(Type eventType);

    /// <summary>The key that the event's type gives it, as text.</summary>
    string? KeyOf(object @event);

    /// <summary>Told once of each context that opens scopes, so that a publisher asked for there finds its delivery.</summary>
    void Know(DeliveryContext context);

    IEventPublisher PublisherFor(PublishOrigin origin);

    /// <summary>The subscriptions in whose queue publishers wait for room.</summary>
    IReadOnlyList<string> QueuesWaitedFor { get; }
}
