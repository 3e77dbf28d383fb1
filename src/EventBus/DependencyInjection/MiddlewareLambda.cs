using EventBus.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>A lambda around the attempts of one event type.</summary>
internal sealed class MiddlewareLambda<TEvent>(Func<TEvent, EventContext, IEventHandler<TEvent>, CancellationToken, ValueTask> middleware, Type? service = null) : Middleware
    where TEvent : notnull
{
    public override Type? Service => service;

    /// <summary>One that needs a service of the delivery's scope.</summary>
    public static MiddlewareLambda<TEvent> With<TService>(Func<TEvent, TService, EventContext, IEventHandler<TEvent>, CancellationToken, ValueTask> middleware)
        where TService : notnull =>
        new((@event, context, next, token) => middleware(@event, context.Services.GetRequiredService<TService>(), context, next, token), typeof(TService));

    public override bool Concerns(Type eventType) => EventTypes.MayMeet(typeof(TEvent), eventType);

    public override bool NeedsScope(SubscriptionParts parts) => service is not null;

    public override IEventHandler<T> Around<T>(IEventHandler<T> next, CallParts parts) => typeof(T) == typeof(TEvent)
        ? (IEventHandler<T>)(object)new MiddlewareStep<TEvent>(middleware, (IEventHandler<TEvent>)(object)next)
        : new NarrowedMiddlewareStep<T, TEvent>(middleware, next);
}
