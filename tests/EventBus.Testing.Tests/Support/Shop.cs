namespace EventBus.Testing.Tests.Support;

public interface IOrderEvent
{
    string Number { get; }
}

public sealed record OrderPlaced(string Number, decimal Total = 10m) : IOrderEvent;

public sealed record ReceiptSent(string Number) : IOrderEvent;

public sealed record ParcelSent(string Number) : IOrderEvent;

/// <summary>Subscriptions of a small shop.</summary>
internal static class Shop
{
    /// <summary>Sends a receipt for each order.</summary>
    public static EventBusBuilder SendsReceipts(this EventBusBuilder bus, Action<SubscriptionBuilder<OrderPlaced>>? configure = null) =>
        bus.Handle<OrderPlaced>(
            async (order, context, cancellationToken) => await context.Publisher.PublishAsync(new ReceiptSent(order.Number), cancellationToken),
            s =>
            {
                s.Named("receipts");
                configure?.Invoke(s);
            });

    /// <summary>Sends a parcel for each receipt.</summary>
    public static EventBusBuilder SendsParcels(this EventBusBuilder bus, Action<SubscriptionBuilder<ReceiptSent>>? configure = null) =>
        bus.Handle<ReceiptSent>(
            async (receipt, context, cancellationToken) => await context.Publisher.PublishAsync(new ParcelSent(receipt.Number), cancellationToken),
            s =>
            {
                s.Named("parcels");
                configure?.Invoke(s);
            });

    /// <summary>Does nothing with each order.</summary>
    public static EventBusBuilder Hears(this EventBusBuilder bus, string name, Action<SubscriptionBuilder<OrderPlaced>>? configure = null) =>
        bus.Hears(name, static (_, _) => default, configure);

    public static EventBusBuilder Hears(this EventBusBuilder bus, string name, Func<OrderPlaced, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<OrderPlaced>>? configure = null) =>
        bus.Handle<OrderPlaced>((order, _, cancellationToken) => handler(order, cancellationToken), s =>
        {
            s.Named(name);
            configure?.Invoke(s);
        });

    /// <summary>Attempts without jitter, in seconds.</summary>
    public static RetryPolicy EverySecond(int maxAttempts = 3) => RetryPolicy.Fixed(maxAttempts, TimeSpan.FromSeconds(1));
}
