using EventBus.Events;

namespace EventBus.Handling;

/// <summary>The delivery whose handler is being made on this thread, so that a publisher injected into it belongs to it. A short
/// cut: whoever looks checks that it is the one, and searches otherwise, as after a publish within the making of a handler.</summary>
internal static class ResolvingDelivery
{
    [ThreadStatic]
    private static DeliveryContext? t_current;

    public static DeliveryContext? Current => t_current;

    /// <summary>The calling thread's place for it, looked up once for entering and leaving. Emptied by whoever fills it: a thread that outlives the bus does not keep it alive.</summary>
    public static ref DeliveryContext? Place => ref t_current;
}
