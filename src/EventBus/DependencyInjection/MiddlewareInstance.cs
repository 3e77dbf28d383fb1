using EventBus.Handling;

namespace EventBus.DependencyInjection;

/// <summary>A middleware that is there already, or that the bus makes itself.</summary>
internal sealed class MiddlewareInstance(Func<IServiceProvider, IEventMiddleware> instance) : Middleware
{
    public override bool NeedsScope(SubscriptionParts parts) => false;

    public override IEventHandler<T> Around<T>(IEventHandler<T> next, CallParts parts) =>
        new MiddlewareStep<T>(instance(parts.Services).HandleAsync, next);
}
