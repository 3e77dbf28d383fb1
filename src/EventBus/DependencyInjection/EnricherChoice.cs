using EventBus.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.DependencyInjection;

/// <summary>An enricher that was registered.</summary>
/// <param name="EventType">The type whose events it is for.</param>
/// <param name="Enricher">The enricher, where it is there already.</param>
/// <param name="Service">Its class, where the container makes it.</param>
internal sealed record EnricherChoice(Type EventType, IEventEnricher? Enricher, Type? Service)
{
    /// <summary>All of them, or none where nobody asked for any.</summary>
    public static Enrichment? Enrichment(List<EnricherChoice> choices, IServiceProvider services) => choices.Count == 0
        ? null
        : new(choices.ConvertAll(choice => (choice.EventType, choice.Enricher ?? new ContainerEnricher(choice.Service!, services))).ToArray());

    public static void Check(List<EnricherChoice> choices, SubscriptionParts parts, bool hasContainer, List<string> errors)
    {
        foreach (var choice in choices)
        {
            if (choice.Service is not { } service)
                continue;
            if (!hasContainer)
                errors.Add($"Enricher '{service.FullName}' is made by a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddEnricher(enricher).");
            else if (parts.LifetimeOf(service) is { } lifetime and not ServiceLifetime.Singleton)
                errors.Add($"Enricher '{service.FullName}' is registered as {lifetime}, and the bus has one of it, for publishers of all scopes. Register it as a singleton, and let it take what it needs of a scope from attributes.Services.");
            else
                ContainerRules.AddMissing("The bus", service, parts, errors);
        }
    }
}
