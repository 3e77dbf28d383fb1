using System.Diagnostics.CodeAnalysis;
using EventBus.Handling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBus.DependencyInjection;

/// <summary>A middleware that the container makes: one, or one for each delivery.</summary>
internal sealed class MiddlewareClass<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>(HandlerLifetime lifetime) : Middleware
    where TMiddleware : class, IEventMiddleware
{
    public override Type Service => typeof(TMiddleware);

    public override bool NeedsScope(SubscriptionParts parts) => parts.LifetimeOf(Service) != ServiceLifetime.Singleton;

    public override void Register(IServiceCollection services) =>
        services.TryAdd(ServiceDescriptor.Describe(typeof(TMiddleware), typeof(TMiddleware), lifetime.InContainer()));

    public override IEventHandler<T> Around<T>(IEventHandler<T> next, CallParts parts) => NeedsScope(parts.Subscriptions)
        ? new ScopedMiddlewareStep<T>(static services => services.GetRequiredService<TMiddleware>(), next)
        : new SingletonMiddlewareStep<T>(static services => services.GetRequiredService<TMiddleware>(), parts.Services, next);
}
