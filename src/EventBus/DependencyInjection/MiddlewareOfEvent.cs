using EventBus.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>A middleware for all events, around those of one type only.</summary>
internal sealed class MiddlewareOfEvent<TEvent>(Middleware middleware) : Middleware
    where TEvent : notnull
{
    public override Type? Service => middleware.Service;

    public override bool Concerns(Type eventType) => EventTypes.MayMeet(typeof(TEvent), eventType);

    public override bool NeedsScope(SubscriptionParts parts) => middleware.NeedsScope(parts);

    public override void Register(IServiceCollection services) => middleware.Register(services);

    public override IEventHandler<T> Around<T>(IEventHandler<T> next, CallParts parts)
    {
        var around = middleware.Around(next, parts);
        return typeof(TEvent).IsAssignableFrom(typeof(T)) ? around : new RuntimeTypeStep<T, TEvent>(around, next);
    }
}
