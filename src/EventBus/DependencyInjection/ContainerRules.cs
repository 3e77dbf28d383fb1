using EventBus.Events;

namespace EventBus.DependencyInjection;

/// <summary>Finds what a bus takes from its container and the container does not have.</summary>
internal static class ContainerRules
{
    /// <param name="plan">The subscription.</param>
    /// <param name="subscription">Its name.</param>
    /// <param name="parts">Knows what the container has.</param>
    /// <param name="isNew">Whether it comes with the bus, or is asked for by code; not where an event that is published brings it.</param>
    /// <param name="errors">Is told.</param>
    public static void Check(SubscriptionPlan plan, string subscription, SubscriptionParts parts, bool isNew, List<string> errors)
    {
        if (!plan.NeedsContainer)
            return;
        if (plan.Service is { } service)
        {
            if (!Knows(service, parts))
                errors.Add($"Subscription '{subscription}' takes '{CodeNames.Full(service)}' from the container, which does not know it. Register it, for example with services.AddScoped<{CodeNames.Short(service)}>(...).");
            else
                AddMissing($"Subscription '{subscription}'", service, parts, errors);
        }

        if (plan.HandlerType is not { } handler)
            return;
        // One that is named by an interface or an abstract class is registered by nobody but the application.
        if (handler.IsAbstract && !Knows(handler, parts))
            errors.Add($"Subscription '{subscription}' takes its handler from the container as '{CodeNames.Full(handler)}', which nobody can make, and the container does not know it. Register what implements it, for example with services.AddScoped(typeof({CodeNames.Short(handler)}), typeof(TheHandler)).");
        else if (isNew)
            AddMissing($"Subscription '{subscription}'", handler, parts, errors);
    }

    /// <summary>What an open handler takes that has nothing to do with the event that it is closed with.</summary>
    public static void Check(OpenHandler handler, SubscriptionParts parts, List<string> errors)
    {
        foreach (var missing in parts.Missing.ForOpen(handler.Definition))
            errors.Add($"Open handler '{handler.Template.Name}' cannot be made: {missing.TrimStart()}");
    }

    /// <param name="middleware">What was registered.</param>
    /// <param name="subscription">The subscription that it was registered for; none for all.</param>
    /// <param name="parts">Knows what the container has.</param>
    /// <param name="hasContainer">Whether there is one.</param>
    /// <param name="errors">Is told.</param>
    public static void Check(List<Middleware> middleware, string? subscription, SubscriptionParts parts, bool hasContainer, List<string> errors)
    {
        foreach (var one in middleware)
        {
            if (one.Service is not { } service)
                continue;
            if (!hasContainer)
                errors.Add($"{Subject(subscription)} takes '{service.FullName}' from a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddMiddleware(middleware).");
            // As where a subscription is added while the bus runs: nobody can register anything any more.
            else if (!Knows(service, parts))
                errors.Add($"{Subject(subscription)} takes '{service.FullName}' from the container, which does not know it. Register it where the container is built, for example with services.AddScoped<{service.Name}>().");
            else
                AddMissing(Subject(subscription), service, parts, errors);
        }
    }

    /// <summary>What is missing for a service that is made when the first event needs it.</summary>
    public static void AddMissing(string subject, Type service, SubscriptionParts parts, List<string> errors)
    {
        foreach (var missing in parts.Missing.For(service))
            errors.Add($"{subject} takes '{CodeNames.Full(service)}', which cannot be made: {missing.TrimStart()}");
    }

    private static bool Knows(Type service, SubscriptionParts parts) => parts.LifetimeOf(service) is not null || parts.Missing.Knows(service);

    private static string Subject(string? subscription) => subscription is null ? "A middleware" : $"A middleware of subscription '{subscription}'";
}
