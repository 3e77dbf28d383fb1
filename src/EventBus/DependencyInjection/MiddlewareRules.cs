using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>Finds middleware that nobody can make.</summary>
internal static class MiddlewareRules
{
    /// <param name="middleware">What was registered.</param>
    /// <param name="subscription">The subscription that it was registered for; none for all.</param>
    /// <param name="parts">Knows what the container has.</param>
    /// <param name="services">The container.</param>
    /// <param name="hasContainer">Whether there is one.</param>
    /// <param name="errors">Is told.</param>
    public static void Check(List<Middleware> middleware, string? subscription, SubscriptionParts parts, IServiceProvider services, bool hasContainer, List<string> errors)
    {
        foreach (var one in middleware)
        {
            if (one.Service is not { } service)
                continue;
            if (!hasContainer)
                errors.Add($"{Subject(subscription)} takes '{service.FullName}' from a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddMiddleware(middleware).");
            // As where a subscription is added while the bus runs: nobody can register anything any more.
            else if (parts.LifetimeOf(service) is null && services.GetService<IServiceProviderIsService>()?.IsService(service) == false)
                errors.Add($"{Subject(subscription)} takes '{service.FullName}' from the container, which does not know it. Register it where the container is built, for example with services.AddScoped<{service.Name}>().");
        }
    }

    private static string Subject(string? subscription) => subscription is null ? "A middleware" : $"A middleware of subscription '{subscription}'";
}
