using EventBus.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBus.DependencyInjection;

/// <summary>What is needed to call handlers the way that a subscription wants them called.</summary>
internal sealed class CallParts
{
    public required IServiceProvider Services;

    public required SubscriptionSettings Settings;

    public required SubscriptionParts Subscriptions;

    public required ILogger Log;

    public required AttemptTelemetry? Telemetry;

    /// <summary>Calls a class that the container knows.</summary>
    public AttemptStage<T> CallOf<T>(Type handlerType)
        where T : notnull =>
        Subscriptions.LifetimeOf(handlerType) == ServiceLifetime.Singleton
            ? One<T>(services => (IEventHandler<T>)services.GetRequiredService(handlerType))
            : InScope<T>((services, @event, context, token) => ((IEventHandler<T>)services.GetRequiredService(handlerType)).HandleAsync(@event, context, token));

    /// <summary>Calls one instance for every event.</summary>
    public AttemptStage<T> One<T>(Func<IServiceProvider, IEventHandler<T>> resolve)
        where T : notnull =>
        MiddlewareOf(typeof(T)) is { Count: > 0 } middleware ? Around(middleware, new SingletonHandler<T>(resolve, Services)) : new SingletonCall<T>(resolve, Services) { Telemetry = Telemetry };

    /// <summary>Calls a lambda.</summary>
    public AttemptStage<T> Lambda<T>(Func<T, EventContext, CancellationToken, ValueTask> handler)
        where T : notnull =>
        MiddlewareOf(typeof(T)) is { Count: > 0 } middleware ? Around(middleware, new LambdaHandler<T>(handler)) : new LambdaCall<T>(handler) { Telemetry = Telemetry };

    /// <summary>Calls what takes something from a scope.</summary>
    public AttemptStage<T> InScope<T>(Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call)
        where T : notnull =>
        Scoped(MiddlewareOf(typeof(T)) is { Count: > 0 } middleware ? InScope(Chain(middleware, new ScopedHandler<T>(call))) : call);

    private static Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> InScope<T>(IEventHandler<T> chain)
        where T : notnull => (_, @event, context, token) => chain.HandleAsync(@event, context, token);

    private AttemptStage<T> Around<T>(List<Middleware> middleware, IEventHandler<T> handler)
        where T : notnull
    {
        var chain = Chain(middleware, handler);
        return middleware.Exists(one => one.NeedsScope(Subscriptions)) ? Scoped(InScope(chain)) : new LambdaCall<T>(chain.HandleAsync) { Telemetry = Telemetry };
    }

    private IEventHandler<T> Chain<T>(List<Middleware> middleware, IEventHandler<T> handler)
        where T : notnull
    {
        for (var i = middleware.Count - 1; i >= 0; i--)
            handler = middleware[i].Around(handler, this);
        return handler;
    }

    // The first is outermost: those of the bus, of event types, of the subscription.
    private List<Middleware>? MiddlewareOf(Type eventType) =>
        Subscriptions.Middleware.Count == 0 && Settings.Middleware.Count == 0
            ? null
            : [.. Subscriptions.Middleware.Concat(Settings.Middleware).Where(middleware => middleware.Concerns(eventType))];

    private AttemptStage<T> Scoped<T>(Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call)
    {
        var scopes = Services.GetRequiredService<IServiceScopeFactory>();
        var own = new ScopedCall<T>(Subscriptions.ScopesAreOneObject ? scopes : new IdentifiedScopes(scopes), call, Log) { Telemetry = Telemetry };
        return Settings is { Mode: DeliveryMode.Inline, InlineScope: InlineScope.Caller } ? new CallerScopeCall<T>(call, own) { Telemetry = Telemetry } : own;
    }
}
