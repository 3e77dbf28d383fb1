using EventBus.Events;

namespace EventBus.Handling;

/// <summary>The delivery whose handler is being made on this thread, so that a publisher injected into it belongs to it. A short
/// cut: whoever looks checks that it is the one, and searches otherwise, as after a publish within the making of a handler.</summary>
internal static class ResolvingDelivery
{
    [ThreadStatic]
    private static DeliveryContext? t_current;

    public static DeliveryContext? Current => t_current;

    public static void Enter(DeliveryContext context) => t_current = context;

    // A thread that outlives the bus does not keep it alive.
    public static void Leave() => t_current = null;
}
