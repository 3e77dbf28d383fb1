using System.Globalization;
using System.Text;

namespace EventBus;

/// <summary>What a stop leaves behind.</summary>
/// <remarks>For each subscription, <c>Accepted = Settled + Abandoned</c>: nothing is missing. For a durable one, <c>Accepted = Settled + Kept</c>.</remarks>
public sealed record StopReceipt
{
    // What adds up to the accepted, and the retries.
    private static readonly (string Title, Func<SubscriptionStatistics, long> Count)[] s_columns =
    [
        ("accepted", static counts => counts.Accepted),
        ("handled", static counts => counts.Handled),
        ("retried", static counts => counts.Retried),
        ("duplicate", static counts => counts.Duplicates),
        ("filtered", static counts => counts.Filtered),
        ("expired", static counts => counts.Expired),
        ("failed", static counts => counts.Failed),
        ("dead", static counts => counts.DeadLettered),
        ("dropped", static counts => counts.Dropped),
    ];

    /// <summary>What each subscription did, since the bus was built.</summary>
    public required IReadOnlyList<SubscriptionReceipt> Subscriptions { get; init; }

    /// <summary>Events that were scheduled in memory and are still due. They are lost when the process ends; a bus that is started again publishes them.</summary>
    public required IReadOnlyList<ScheduledEvent> StillScheduled { get; init; }

    /// <summary>How long the stop took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Whether nothing is lost when the process ends: everything that was accepted is settled or kept by the log, and nothing is still scheduled in memory.</summary>
    public bool IsComplete => StillScheduled.Count == 0 && Subscriptions.All(static subscription => subscription.Abandoned.Count == 0);

    /// <summary>The receipt as a table.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var width = Math.Max("subscription".Length, Subscriptions.Select(static subscription => subscription.Name.Length).DefaultIfEmpty().Max());
        var text = new StringBuilder();
        text.Append("subscription".PadRight(width));
        foreach (var (title, _) in s_columns)
            text.Append(culture, $"  {title,9}");
        text.Append(culture, $"  {"abandoned",9}").Append('\n');
        foreach (var subscription in Subscriptions)
        {
            text.Append(subscription.Name.PadRight(width));
            foreach (var (_, count) in s_columns)
                text.Append(culture, $"  {count(subscription.Statistics),9}");
            text.Append(culture, $"  {subscription.Abandoned.Count,9}").Append('\n');
        }

        text.Append(culture, $"still scheduled: {StillScheduled.Count}; stopped in {Elapsed.TotalSeconds:0.000} s");
        return text.ToString();
    }
}
