using EventBus.Hosting.Observing;
using EventBus.Observing;
using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Lifecycle;

/// <summary>Writes a stop's receipt to the log: a line for each subscription, and one for each delivery that is left, up to a bound.</summary>
internal static class ReceiptLog
{
    /// <summary>So many deliveries of a subscription, and so many scheduled events, are named; of the rest there is the number.</summary>
    public const int MaxNamed = 20;

    public static void Write(ILogger log, StopReceipt receipt)
    {
        foreach (var subscription in receipt.Subscriptions)
            Write(log, subscription);
        foreach (var scheduled in receipt.StillScheduled.Take(MaxNamed))
            LogMessages.StillScheduled(log, LogText.Safe(scheduled.Id), scheduled.DueTime);
        if (receipt.StillScheduled.Count > MaxNamed)
            LogMessages.MoreScheduled(log, receipt.StillScheduled.Count - MaxNamed);
    }

    private static void Write(ILogger log, SubscriptionReceipt subscription)
    {
        var counts = subscription.Statistics;
        LogMessages.Receipt(
            log, subscription.Name, counts.Accepted, counts.Handled, counts.Retried, counts.Duplicates, counts.Filtered, counts.Expired, counts.Failed, counts.DeadLettered, counts.Dropped,
            subscription.Abandoned.Count, subscription.Kept, counts.Lag);
        foreach (var delivery in subscription.Abandoned.Take(MaxNamed))
        {
            if (delivery.Sequence is { } sequence)
                LogMessages.LeftForTheNextStart(log, subscription.Name, delivery.Type, LogText.Safe(delivery.Id), sequence);
            else
                LogMessages.Lost(log, subscription.Name, delivery.Type, LogText.Safe(delivery.Id));
        }

        if (subscription.Abandoned.Count > MaxNamed)
            LogMessages.MoreAbandoned(log, subscription.Name, subscription.Abandoned.Count - MaxNamed);
    }
}
