using EventBus.Events;

namespace EventBus.DependencyInjection;

/// <summary>Gives every subscription its name, and finds those that clash.</summary>
/// <remarks>Plain loops, here and in the other rules: they run once in every process that starts, and compiling a query costs more
/// than running it.</remarks>
internal static class SubscriptionNames
{
    public static void Give(List<SubscriptionPlan> plans, EventNames events, List<string> errors)
    {
        for (var i = 0; i < plans.Count; i++)
            plans[i].Settings.Name = plans[i].FixedName ?? plans[i].Settings.GivenName ?? NameOf(i, plans, events);

        CheckRepeated(plans, errors);
        foreach (var general in plans)
        {
            foreach (var special in plans)
            {
                if (IsOneHandler(general, special) && general.EventType.IsAssignableFrom(special.EventType))
                    errors.Add(CalledTwice(general, special));
            }
        }
    }

    /// <summary>Finds names that several have.</summary>
    public static void CheckRepeated(List<SubscriptionPlan> plans, List<string> errors)
    {
        var names = new HashSet<string>();
        foreach (var plan in plans)
        {
            if (!names.Add(plan.Settings.Name))
            {
                errors.AddRange(Repeated(plans));
                break;
            }
        }
    }

    /// <summary>An event type's name as its subscriptions bear it: its own, or its whole one, so that no other type has the same and none that comes later changes it.</summary>
    public static string EventName(Type eventType, EventNames events) => Given(eventType, events) ?? CodeNames.Full(eventType);

    /// <summary>Short names of event types, to be read side by side: longer where several would be called the same.</summary>
    public static Dictionary<Type, string> Shown(IEnumerable<Type> eventTypes, EventNames events)
    {
        var shown = new Dictionary<Type, string>();
        foreach (var group in eventTypes.Distinct().GroupBy(type => Given(type, events) ?? CodeNames.Short(type)))
        {
            var isAlone = !group.Skip(1).Any();
            foreach (var type in group)
                shown.Add(type, isAlone ? group.Key : group.Any(other => other != type && CodeNames.Full(other) == CodeNames.Full(type)) ? $"{CodeNames.Full(type)} ({type.Assembly.GetName().Name})" : CodeNames.Full(type));
        }

        return shown;
    }

    private static string? Given(Type eventType, EventNames events) => events.Of(eventType) is var name && name != TypeNames.Of(eventType) ? name : null;

    private static string NameOf(int index, List<SubscriptionPlan> plans, EventNames events)
    {
        var plan = plans[index];
        if (plan.HandlerType is null)
            return NameOfLambda(index, plans, events);
        foreach (var other in plans)
        {
            if (IsOneHandler(plan, other))
                return $"{CodeNames.Full(plan.HandlerType)}/{EventName(plan.EventType, events)}";
        }

        return CodeNames.Full(plan.HandlerType);
    }

    private static string NameOfLambda(int index, List<SubscriptionPlan> plans, EventNames events)
    {
        var number = 1;
        for (var i = 0; i < index; i++)
        {
            if (plans[i] is { HandlerType: null, Settings.GivenName: null } && plans[i].EventType == plans[index].EventType)
                number++;
        }

        return $"{EventName(plans[index].EventType, events)}-{number}";
    }

    private static bool IsOneHandler(SubscriptionPlan one, SubscriptionPlan other) =>
        one.Settings.GivenName is null && other.Settings.GivenName is null
        && one.HandlerType is not null && one.HandlerType == other.HandlerType && one.EventType != other.EventType;

    private static IEnumerable<string> Repeated(List<SubscriptionPlan> plans)
    {
        foreach (var group in plans.GroupBy(static plan => plan.Settings.Name).Where(static group => group.Skip(1).Any()))
        {
            var which = string.Join(" and ", group.Select(plan => $"{plans.IndexOf(plan) + 1}"));
            var first = group.First();
            yield return group.All(plan => plan.Settings.GivenName is null && plan.HandlerType == first.HandlerType && plan.EventType == first.EventType)
                ? $"Handler '{group.Key}' is registered more than once for the same event (registrations {which}): it would handle every event twice. Drop one, or give each a name with Named(...) if you mean it."
                : $"The subscription name '{group.Key}' is used more than once (registrations {which}). Names are unique in a bus: give each its own with Named(...).";
        }
    }

    // A handler of a base type gets the events of its derived types anyhow.
    private static string CalledTwice(SubscriptionPlan general, SubscriptionPlan special) =>
        $"Handler '{CodeNames.Full(general.HandlerType!)}' is registered for '{CodeNames.Full(general.EventType)}' and for '{CodeNames.Full(special.EventType)}', which is one: it would be called twice for it."
        + $" Use AddSubscription<{CodeNames.Short(general.HandlerType!)}>(name, s => {{ s.On<{CodeNames.Short(general.EventType)}>(); s.On<{CodeNames.Short(special.EventType)}>(); }}), which handles each event once, or name both with Named(...) if you mean two subscriptions.";
}
