namespace EventBus;

/// <summary>Configures the subscription of a handler that was found in an assembly.</summary>
public sealed class FoundSubscriptionBuilder : SubscriptionBuilderOf<FoundSubscriptionBuilder>
{
    internal FoundSubscriptionBuilder(Type handlerType, Type eventType)
    {
        HandlerType = handlerType;
        EventType = eventType;
    }

    /// <summary>The class that was found.</summary>
    public Type HandlerType { get; }

    /// <summary>The event type that it handles; a class that handles several has a subscription for each.</summary>
    public Type EventType { get; }
}
