using System.Diagnostics.CodeAnalysis;
using EventBus.DependencyInjection;
using EventBus.Handling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBus;

/// <summary>Puts middleware around every attempt of every subscription of a bus.</summary>
/// <remarks>Composed once, when a subscription is built: a bus without middleware runs as if there were no such thing.</remarks>
public static class EventBusBuilderMiddlewareExtensions
{
    /// <summary>Puts a middleware around every attempt of every subscription. Several are nested in the order of the calls, the first outermost; those of event types and of subscriptions are within.</summary>
    /// <inheritdoc cref="SubscriptionBuilderOf{TSelf}.AddMiddleware{TMiddleware}(HandlerLifetime)" path="/typeparam|/param"/>
    public static EventBusBuilder AddMiddleware<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>(this EventBusBuilder bus, HandlerLifetime lifetime = HandlerLifetime.Scoped)
        where TMiddleware : class, IEventMiddleware
    {
        ArgumentNullException.ThrowIfNull(bus);
        return Add(bus, new MiddlewareClass<TMiddleware>(lifetime));
    }

    /// <summary>Puts a middleware around every attempt of every subscription.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="middleware">The middleware, used for every event and disposed by nobody.</param>
    public static EventBusBuilder AddMiddleware(this EventBusBuilder bus, IEventMiddleware middleware)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(middleware);
        return Add(bus, new MiddlewareInstance(_ => middleware));
    }

    /// <summary>Gives whatever is logged while a handler runs the ids of its event as properties: <c>Subscription</c>, <c>EventType</c>, <c>Id</c>, <c>CorrelationId</c>, <c>CausationId</c>, <c>Attempt</c>.</summary>
    /// <remarks>By <see cref="ILogger.BeginScope{TState}(TState)"/>: seen where the logging provider includes scopes. It costs an object for each attempt.</remarks>
    public static EventBusBuilder AddLoggingScope(this EventBusBuilder bus)
    {
        ArgumentNullException.ThrowIfNull(bus);
        return Add(bus, new MiddlewareInstance(static services =>
            new LoggingScope(((ILoggerFactory?)services.GetService(typeof(ILoggerFactory)) ?? NullLoggerFactory.Instance).CreateLogger("EventBus"))));
    }

    /// <inheritdoc cref="SubscriptionBuilderOf{TSelf}.MapException{TException}"/>
    public static EventBusBuilder MapException<TException>(this EventBusBuilder bus, Func<TException, Exception?> map)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(map);
        return bus.AddMiddleware(new ExceptionMapping<TException>(map));
    }

    private static EventBusBuilder Add(EventBusBuilder bus, Middleware middleware)
    {
        bus.Container.Add([middleware]);
        bus.Registrations.Middleware.Add(middleware);
        return bus;
    }
}
