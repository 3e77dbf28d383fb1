using EventBus.Lifecycle;
using EventBus.Routing;

namespace EventBus.DependencyInjection;

/// <summary>A subscription that was registered and is not built yet.</summary>
internal abstract class SubscriptionPlan(SubscriptionSettings settings, IReadOnlyList<Type> eventTypes, Type? handlerType)
{
    /// <summary>The settings as code made them.</summary>
    public SubscriptionSettings Settings => settings;

    public IReadOnlyList<Type> EventTypes => eventTypes;

    /// <summary>The handler's class; none for a lambda or an instance.</summary>
    public Type? HandlerType => handlerType;

    public IReadOnlyList<string> Errors { get; init; } = [];

    public bool NeedsContainer { get; init; }

    public abstract Subscription Build(SubscriptionSettings settings, SubscriptionParts parts, Bus bus);
}
