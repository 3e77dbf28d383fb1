using System.Globalization;
using System.Text;

namespace EventBus;

/// <summary>What a stop leaves behind.</summary>
/// <remarks>For each subscription, <c>Accepted = Settled + Abandoned</c>: nothing is missing.</remarks>
public sealed record StopReceipt
{
    /// <summary>What each subscription did, since the bus was built.</summary>
    public required IReadOnlyList<SubscriptionReceipt> Subscriptions { get; init; }

    /// <summary>Events that were scheduled and are still due. They are lost when the process ends; a bus that is started again publishes them.</summary>
    public required IReadOnlyList<ScheduledEvent> StillScheduled { get; init; }

    /// <summary>How long the stop took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Whether everything that was accepted is settled and nothing is still scheduled.</summary>
    public bool IsComplete => StillScheduled.Count == 0 && Subscriptions.All(static subscription => subscription.Abandoned.Count == 0);

    /// <summary>The receipt as a table.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var width = Math.Max("subscription".Length, Subscriptions.Select(static subscription => subscription.Name.Length).DefaultIfEmpty().Max());
        var text = new StringBuilder();
        text.Append(culture, $"{"subscription".PadRight(width)}  {"handled",9}  {"retried",9}  {"duplicate",9}  {"dead",9}  {"dropped",9}  {"abandoned",9}").Append('\n');
        foreach (var subscription in Subscriptions)
        {
            var counts = subscription.Statistics;
            text.Append(culture, $"{subscription.Name.PadRight(width)}  {counts.Handled,9}  {counts.Retried,9}  {counts.Duplicates,9}  {counts.DeadLettered,9}  {counts.Dropped,9}  {subscription.Abandoned.Count,9}").Append('\n');
        }

        text.Append(culture, $"still scheduled: {StillScheduled.Count}; stopped in {Elapsed.TotalSeconds:0.000} s");
        return text.ToString();
    }
}
