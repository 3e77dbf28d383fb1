using EventBus.Events;

namespace EventBus.DependencyInjection;

/// <summary>What was registered, by name, by looking and by open handlers, as one list of subscriptions.</summary>
internal static class RegisteredPlans
{
    public static List<SubscriptionPlan> Of(Registrations registrations, EventNames names)
    {
        var plans = registrations.Plans;
        if (plans.Exists(static plan => plan.IsFound))
            plans = WithoutDoubles(plans);
        if (registrations.OpenHandlers.Count == 0)
            return plans;
        var known = plans.SelectMany(static plan => plan.EventTypes).Concat(registrations.EventTypes.Keys).Where(LogAssembly.CanBePublished).Distinct();
        return [.. plans, .. known.SelectMany(eventType => Closed(registrations, eventType, names))];
    }

    /// <summary>The subscriptions of open handlers to an event type.</summary>
    public static IEnumerable<SubscriptionPlan> Closed(Registrations registrations, Type eventType, EventNames names) =>
        registrations.OpenHandlers.Where(static handler => handler.Mistake is null).Select(handler => handler.Close(eventType, names)).OfType<SubscriptionPlan>();

    // What was registered by name goes before what was found, and what was found first before what was found again.
    private static List<SubscriptionPlan> WithoutDoubles(List<SubscriptionPlan> plans)
    {
        var known = new HashSet<(Type?, Type)>();
        foreach (var plan in plans.Where(static plan => !plan.IsFound))
        {
            foreach (var type in plan.EventTypes)
                known.Add((plan.HandlerType, type));
        }

        return plans.FindAll(plan => !plan.IsFound || known.Add((plan.HandlerType, plan.EventType)));
    }
}
