using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace EventBus.DependencyInjection;

/// <summary>Plans of subscriptions whose event type is not known to the compiler.</summary>
internal static class ReflectedPlan
{
    private static readonly MethodInfo s_of = typeof(ReflectedPlan).GetMethod(nameof(OfEvent), BindingFlags.NonPublic | BindingFlags.Static)!;

    [RequiresUnreferencedCode("Makes a generic method.")]
    [RequiresDynamicCode("Makes a generic method.")]
    public static SubscriptionPlan Of(SubscriptionSettings settings, Type handlerType, Type eventType) =>
        (SubscriptionPlan)s_of.MakeGenericMethod(eventType).Invoke(null, [settings, handlerType])!;

    private static SubscriptionPlan<TEvent> OfEvent<TEvent>(SubscriptionSettings settings, Type handlerType)
        where TEvent : notnull =>
        new(settings, [typeof(TEvent)], handlerType, parts => parts.CallOf<TEvent>(handlerType)) { NeedsContainer = true };
}
