using EventBus;
using OnlineRetail.ReadModels;

namespace OnlineRetail;

/// <summary>What is left when the shop has closed.</summary>
public sealed record ShopResults
{
    public required AuditTrail Audit { get; init; }

    public required Revenue Revenue { get; init; }

    public required Stock Stock { get; init; }

    public required Loyalty Loyalty { get; init; }

    /// <summary>How many invoices a till sent twice.</summary>
    public required long Doubles { get; init; }

    public required IReadOnlyList<DeadLetter> DeadLetters { get; init; }

    public required StopReceipt Receipt { get; init; }

    /// <summary>The bus's promise: every delivery that a subscription accepted is settled, and the log has no event that was not read.</summary>
    public bool IsSettled => Receipt.IsComplete && !Unsettled.Any();

    /// <summary>The subscriptions that are not done.</summary>
    public IEnumerable<string> Unsettled =>
        Receipt.Subscriptions.Where(static subscription => subscription.Statistics.Lag > 0 || subscription.Statistics.Accepted != subscription.Statistics.Settled).Select(static subscription => subscription.Name);
}
