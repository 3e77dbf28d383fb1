using EventBus.Events;

namespace EventBus.DependencyInjection;

/// <summary>Gives every subscription its name, and finds those that clash. Pure.</summary>
internal static class SubscriptionNames
{
    public static IReadOnlyList<string> Give(IReadOnlyList<SubscriptionPlan> plans, EventNames events)
    {
        var lambdas = new Dictionary<Type, int>();
        foreach (var plan in plans)
        {
            plan.Settings.Name = plan.Settings.GivenName ?? (plan.HandlerType is { } handler
                ? plans.Any(other => other.HandlerType == handler && other.Settings.GivenName is null && other.EventTypes[0] != plan.EventTypes[0])
                    ? $"{FullName(handler)}/{ShortName(plan.EventTypes[0], events)}"
                    : FullName(handler)
                : $"{ShortName(plan.EventTypes[0], events)}-{lambdas[plan.EventTypes[0]] = lambdas.GetValueOrDefault(plan.EventTypes[0]) + 1}");
        }

        return [.. Repeated(plans), .. CalledTwice(plans)];
    }

    public static string ShortName(Type eventType, EventNames events) =>
        events.Of(eventType) is var name && name != eventType.FullName ? name : eventType.Name;

    private static string FullName(Type type) => type.FullName ?? type.Name;

    private static IEnumerable<string> Repeated(IReadOnlyList<SubscriptionPlan> plans)
    {
        foreach (var group in plans.Select(static (plan, index) => (plan, Number: index + 1)).GroupBy(static numbered => numbered.plan.Settings.Name).Where(static group => group.Count() > 1))
        {
            var which = string.Join(" and ", group.Select(static numbered => numbered.Number));
            yield return group.All(static numbered => numbered.plan.Settings.GivenName is null)
                ? $"Handler '{group.Key}' is registered more than once for the same event (registrations {which}): it would handle every event twice. Drop one, or give each a name with Named(...) if you mean it."
                : $"The subscription name '{group.Key}' is used more than once (registrations {which}). Names are unique in a bus: give each its own with Named(...).";
        }
    }

    // A handler of a base type gets the events of its derived types anyhow.
    private static IEnumerable<string> CalledTwice(IReadOnlyList<SubscriptionPlan> plans)
    {
        foreach (var general in plans.Where(static plan => plan is { HandlerType: not null, Settings.GivenName: null }))
        {
            foreach (var special in plans.Where(plan => plan.HandlerType == general.HandlerType && plan.Settings.GivenName is null && plan.EventTypes[0] != general.EventTypes[0] && general.EventTypes[0].IsAssignableFrom(plan.EventTypes[0])))
            {
                yield return $"Handler '{FullName(general.HandlerType!)}' is registered for '{general.EventTypes[0].Name}' and for '{special.EventTypes[0].Name}', which is one: it would be called twice for it."
                    + $" Use AddSubscription<{general.HandlerType!.Name}>(name, s => {{ s.On<{general.EventTypes[0].Name}>(); s.On<{special.EventTypes[0].Name}>(); }}), which handles each event once, or name both with Named(...) if you mean two subscriptions.";
            }
        }
    }
}
