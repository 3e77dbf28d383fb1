namespace EventBus.Testing.Tests.Support;

internal static class Signals
{
    /// <summary>A subscription's handler has begun. What it waits for is counted, as idleness is.</summary>
    public static Task WhenRunning(this TestBus bus, string subscription) =>
        bus.WhenAsync(() => bus.History.Events.SelectMany(static recorded => recorded.Deliveries).Any(delivery => delivery.Subscription == subscription && delivery.State == DeliveryState.Running));

    public static string Lines(params string[] lines) => string.Join(Environment.NewLine, lines);
}
