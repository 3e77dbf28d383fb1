using EventBus.Storage;

namespace EventBus.BehaviourTests.Support;

/// <summary>Lets one test hold in both modes that deliver in the background, and says where their promises differ.</summary>
internal static class DeliveryModes
{
    /// <summary>What a bus needs for subscriptions of this mode.</summary>
    public static EventBusBuilder In(this EventBusBuilder builder, DeliveryMode mode) =>
        mode == DeliveryMode.Durable ? builder.UseEventLog(static _ => new InMemoryEventLog()) : builder;

    /// <summary>A subscription of this mode.</summary>
    public static SubscriptionBuilder<T> In<T>(this SubscriptionBuilder<T> subscription, DeliveryMode mode, string name = "facts")
        where T : notnull =>
        mode == DeliveryMode.Durable ? subscription.Named(name).Durable() : subscription.Named(name);

    /// <summary>Whether a publisher may find no room. In front of a durable subscription nobody does: the log keeps what it has no room for.</summary>
    public static bool MayBeFull(this DeliveryMode mode) => mode != DeliveryMode.Durable;

    /// <summary>The reserve of a queue for handlers that publish, where there is one.</summary>
    public static SubscriptionBuilder<T> Reserve<T>(this SubscriptionBuilder<T> subscription, int reserve, DeliveryMode mode)
        where T : notnull => mode.MayBeFull() ? subscription.Reserve(reserve) : subscription;

    /// <summary>What a stop left. Queued deliveries are in memory, and each of them is named as abandoned. Durable ones are in the log: counted as kept where they were
    /// read, and as lag where they were not.</summary>
    public static long Left(this SubscriptionReceipt receipt, DeliveryMode mode) =>
        mode == DeliveryMode.Durable ? receipt.Kept + receipt.Statistics.Lag : receipt.Abandoned.Count;

    /// <summary>What the log keeps of a subscription. A stop waits for all that is queued; of what is durable it waits for what is live, and leaves to the log what lags.</summary>
    public static long KeptByTheLog(this SubscriptionStatistics statistics, DeliveryMode mode) =>
        mode == DeliveryMode.Durable ? statistics.Waiting + statistics.Lag : 0;

    /// <summary>Which of these scheduled events a stop has to name: those of durable subscriptions are in the log.</summary>
    public static IEnumerable<ScheduledEvent> LeftInMemory(this DeliveryMode mode, IEnumerable<ScheduledEvent> scheduled) =>
        mode == DeliveryMode.Durable ? [] : scheduled;

    /// <summary>How often a delivery begins whose handler still ran when a stop ended. Queued, what that handler does still counts. Durable, the next start goes on from
    /// what the log knows, as after a restart of the process: at least once.</summary>
    public static int BeginsAcrossAStop(this DeliveryMode mode) => mode == DeliveryMode.Durable ? 2 : 1;
}
