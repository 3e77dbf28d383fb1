using EventBus.Events;

namespace EventBus.Handling;

/// <summary>The delivery whose handler is being made on this thread, so that a publisher injected into it belongs to it.</summary>
internal static class ResolvingDelivery
{
    [ThreadStatic]
    private static DeliveryContext? t_current;

    public static DeliveryContext? Current => t_current;

    public static Scope Enter(DeliveryContext context)
    {
        var before = t_current;
        t_current = context;
        return new Scope(before);
    }

    internal readonly struct Scope(DeliveryContext? before) : IDisposable
    {
        public void Dispose() => t_current = before;
    }
}
