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

    public AttemptStage<T> CallOf<T>(Type handlerType)
        where T : notnull =>
        Subscriptions.LifetimeOf(handlerType) == ServiceLifetime.Singleton
            ? new SingletonCall<T>(services => (IEventHandler<T>)services.GetRequiredService(handlerType), Services)
            : InScope<T>((services, @event, context, token) => ((IEventHandler<T>)services.GetRequiredService(handlerType)).HandleAsync(@event, context, token));

    public AttemptStage<T> InScope<T>(Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call)
    {
        var own = new ScopedCall<T>(Services.GetRequiredService<IServiceScopeFactory>(), call, Log);
        return Settings is { Mode: SubscriptionMode.Inline, InlineScope: InlineScope.Caller } ? new CallerScopeCall<T>(call, own) : own;
    }
}
