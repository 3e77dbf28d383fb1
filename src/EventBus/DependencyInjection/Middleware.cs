using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>A middleware that was registered: for the bus, for an event type or for a subscription.</summary>
internal abstract class Middleware
{
    /// <summary>What it takes from the container: itself, or a service.</summary>
    public virtual Type? Service => null;

    /// <summary>Whether it may have to do with events of a subscription to this type.</summary>
    public virtual bool Concerns(Type eventType) => true;

    /// <summary>Whether it takes something from the delivery's scope, so that there must be one.</summary>
    public abstract bool NeedsScope(SubscriptionParts parts);

    /// <summary>Registers its class with the container, unless the application did so itself.</summary>
    public virtual void Register(IServiceCollection services)
    {
    }

    /// <summary>Puts it around what comes next.</summary>
    public abstract IEventHandler<T> Around<T>(IEventHandler<T> next, CallParts parts)
        where T : notnull;
}
