using EventBus.Events;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>Finds what a bus takes from its container and the container does not have.</summary>
internal static class ContainerRules
{
    /// <summary>A handler that is named by an interface or an abstract class is registered by nobody but the application.</summary>
    public static void Check(SubscriptionPlan plan, string subscription, SubscriptionParts parts, IServiceProvider services, List<string> errors)
    {
        if (plan is { NeedsContainer: true, HandlerType: { IsAbstract: true } handler } && !Knows(handler, parts, services))
            errors.Add($"Subscription '{subscription}' takes its handler from the container as '{CodeNames.Full(handler)}', which nobody can make, and the container does not know it. Register what implements it, for example with services.AddScoped(typeof({CodeNames.Short(handler)}), typeof(TheHandler)).");
    }

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
            else if (!Knows(service, parts, services))
                errors.Add($"{Subject(subscription)} takes '{service.FullName}' from the container, which does not know it. Register it where the container is built, for example with services.AddScoped<{service.Name}>().");
        }
    }

    private static bool Knows(Type service, SubscriptionParts parts, IServiceProvider services) =>
        parts.LifetimeOf(service) is not null || services.GetService<IServiceProviderIsService>()?.IsService(service) != false;

    private static string Subject(string? subscription) => subscription is null ? "A middleware" : $"A middleware of subscription '{subscription}'";
}
