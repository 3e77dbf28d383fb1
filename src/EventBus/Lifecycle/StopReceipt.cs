using System.Globalization;
using System.Text;

namespace EventBus;

/// <summary>What a stop leaves behind.</summary>
/// <remarks>For each subscription, <c>Accepted = Settled + Abandoned</c>: nothing is missing. For a durable one, <c>Accepted = Settled + Kept</c>; for a stream, <c>Accepted = Settled + Waiting</c>.</remarks>
public sealed record StopReceipt
{
    private const int ColumnsThatAlwaysShow = 2;

    // What adds up to the accepted, the retries, and what the log has not given out yet.
    private static readonly (string Title, Func<SubscriptionReceipt, long> Count)[] s_columns =
    [
        ("accepted", static receipt => receipt.Statistics.Accepted),
        ("handled", static receipt => receipt.Statistics.Handled),
        ("retried", static receipt => receipt.Statistics.Retried),
        ("duplicate", static receipt => receipt.Statistics.Duplicates),
        ("filtered", static receipt => receipt.Statistics.Filtered),
        ("expired", static receipt => receipt.Statistics.Expired),
        ("failed", static receipt => receipt.Statistics.Failed),
        ("dead", static receipt => receipt.Statistics.DeadLettered),
        ("dropped", static receipt => receipt.Statistics.Dropped),
        ("abandoned", static receipt => receipt.Abandoned.Count),
        ("kept", static receipt => receipt.Kept),
        ("unread", static receipt => receipt.Statistics.Lag),
    ];

    /// <summary>What each subscription did, since the bus was built.</summary>
    public required IReadOnlyList<SubscriptionReceipt> Subscriptions { get; init; }

    /// <summary>Events that were scheduled in memory and are still due. They are lost when the process ends; a bus that is started again publishes them.</summary>
    public required IReadOnlyList<ScheduledEvent> StillScheduled { get; init; }

    /// <summary>How long the stop took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Whether nothing is lost when the process ends: everything that was accepted is settled or kept by the log, and nothing is still scheduled in memory.</summary>
    public bool IsComplete => StillScheduled.Count == 0 && Subscriptions.All(static subscription => subscription.Lost == 0);

    /// <summary>The receipt as a table: a row for each subscription, a column for each count. Counts that are zero for every subscription have no column, except accepted and handled.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var width = "subscription".Length;
        foreach (var subscription in Subscriptions)
            width = Math.Max(width, subscription.Name.Length);
        var columns = s_columns.Where((column, index) => index < ColumnsThatAlwaysShow || Subscriptions.Any(subscription => column.Count(subscription) != 0)).ToArray();
        var text = new StringBuilder();
        text.Append("subscription".PadRight(width));
        foreach (var (title, _) in columns)
            text.Append(culture, $"  {title,9}");
        text.Append('\n');
        foreach (var subscription in Subscriptions)
        {
            text.Append(subscription.Name.PadRight(width));
            foreach (var (_, count) in columns)
                text.Append(culture, $"  {count(subscription),9}");
            text.Append('\n');
        }

        text.Append(culture, $"still scheduled: {StillScheduled.Count}; stopped in {Elapsed.TotalSeconds:0.000} s");
        return text.ToString();
    }
}
