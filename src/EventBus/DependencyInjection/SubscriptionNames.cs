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

    public static string ShortName(Type eventType, EventNames events) =>
        events.Of(eventType) is var name && name != TypeNames.Of(eventType) ? name : eventType.Name;

    private static string NameOf(int index, List<SubscriptionPlan> plans, EventNames events)
    {
        var plan = plans[index];
        if (plan.HandlerType is null)
            return NameOfLambda(index, plans, events);
        foreach (var other in plans)
        {
            if (IsOneHandler(plan, other))
                return $"{FullName(plan.HandlerType)}/{ShortName(plan.EventType, events)}";
        }

        return FullName(plan.HandlerType);
    }

    private static string NameOfLambda(int index, List<SubscriptionPlan> plans, EventNames events)
    {
        var number = 1;
        for (var i = 0; i < index; i++)
        {
            if (plans[i] is { HandlerType: null, Settings.GivenName: null } && plans[i].EventType == plans[index].EventType)
                number++;
        }

        return $"{ShortName(plans[index].EventType, events)}-{number}";
    }

    private static bool IsOneHandler(SubscriptionPlan one, SubscriptionPlan other) =>
        one.Settings.GivenName is null && other.Settings.GivenName is null
        && one.HandlerType is not null && one.HandlerType == other.HandlerType && one.EventType != other.EventType;

    /// <summary>A type's name, with what a generic one is closed with as code would write it.</summary>
    public static string FullName(Type type) => type.IsConstructedGenericType
        ? $"{WithoutArity(type.GetGenericTypeDefinition().FullName!)}<{string.Join(", ", type.GetGenericArguments().Select(FullName))}>"
        : type.FullName ?? type.Name;

    public static string ShortName(Type type) =>
        type.IsConstructedGenericType ? $"{WithoutArity(type.Name)}<{string.Join(", ", type.GetGenericArguments().Select(ShortName))}>" : type.Name;

    private static string WithoutArity(string name) => name.IndexOf('`', StringComparison.Ordinal) is var at and >= 0 ? name[..at] : name;

    private static IEnumerable<string> Repeated(List<SubscriptionPlan> plans)
    {
        foreach (var group in plans.GroupBy(static plan => plan.Settings.Name).Where(static group => group.Skip(1).Any()))
        {
            var which = string.Join(" and ", group.Select(plan => $"{plans.IndexOf(plan) + 1}"));
            yield return group.All(static plan => plan.Settings.GivenName is null)
                ? $"Handler '{group.Key}' is registered more than once for the same event (registrations {which}): it would handle every event twice. Drop one, or give each a name with Named(...) if you mean it."
                : $"The subscription name '{group.Key}' is used more than once (registrations {which}). Names are unique in a bus: give each its own with Named(...).";
        }
    }

    // A handler of a base type gets the events of its derived types anyhow.
    private static string CalledTwice(SubscriptionPlan general, SubscriptionPlan special) =>
        $"Handler '{FullName(general.HandlerType!)}' is registered for '{general.EventType.Name}' and for '{special.EventType.Name}', which is one: it would be called twice for it."
        + $" Use AddSubscription<{general.HandlerType!.Name}>(name, s => {{ s.On<{general.EventType.Name}>(); s.On<{special.EventType.Name}>(); }}), which handles each event once, or name both with Named(...) if you mean two subscriptions.";
}
