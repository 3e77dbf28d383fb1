namespace EventBus.DependencyInjection;

/// <summary>How event types lie to each other.</summary>
internal static class EventTypes
{
    /// <summary>Whether an event may be of both types.</summary>
    public static bool MayMeet(Type one, Type other) =>
        one.IsAssignableFrom(other) || other.IsAssignableFrom(one) || (one.IsInterface && !other.IsSealed) || (other.IsInterface && !one.IsSealed);
}
