using EventBus.Lifecycle;
using EventBus.Routing;
using EventBus.Settling;

namespace EventBus.DependencyInjection;

/// <summary>A subscription that was registered and is not built yet.</summary>
internal abstract class SubscriptionPlan(SubscriptionSettings settings, Type[] eventTypes, Type? handlerType)
{
    /// <summary>The settings as code made them.</summary>
    public readonly SubscriptionSettings Settings = settings;

    public readonly Type[] EventTypes = eventTypes;

    /// <summary>The handler's class; none for a lambda or an instance.</summary>
    public readonly Type? HandlerType = handlerType;

    public List<string>? Errors;

    public bool NeedsContainer;

    /// <summary>The service of the delivery's scope that a lambda takes.</summary>
    public Type? Service;

    /// <summary>Its name, where it is not for the rules to give it one.</summary>
    public string? FixedName;

    /// <summary>Whether it was found by looking, and not registered by name.</summary>
    public bool IsFound;

    /// <summary>Whether it gets events that are of its type itself, and none of a type derived from it.</summary>
    public bool IsOfOneType;

    /// <summary>The type of the keys that it is ordered by, where it is known.</summary>
    public Type? KeyType;

    /// <summary>The first of its event types, after which it is named.</summary>
    public Type EventType => EventTypes[0];

    public abstract Subscription Build(SubscriptionSettings settings, SubscriptionParts parts, Bus bus);

    /// <summary>Called by <see cref="LogAssembly"/> alone.</summary>
    public abstract Subscription BuildDurable(SubscriptionSettings settings, SubscriptionCounters counters, SubscriptionParts parts, Bus bus);
}
