using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>A handler's lifetime, as the container calls it.</summary>
internal static class HandlerLifetimes
{
    public static ServiceLifetime InContainer(this HandlerLifetime lifetime) => lifetime switch
    {
        HandlerLifetime.Singleton => ServiceLifetime.Singleton,
        HandlerLifetime.Transient => ServiceLifetime.Transient,
        _ => ServiceLifetime.Scoped,
    };
}
