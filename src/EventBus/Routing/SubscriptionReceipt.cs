namespace EventBus;

/// <summary>One subscription's part of a <see cref="StopReceipt"/>.</summary>
/// <param name="Name">The subscription.</param>
/// <param name="Statistics">What became of its deliveries.</param>
/// <param name="Abandoned">The deliveries that were not settled when the stop ended: those that wait, and those whose handler has
/// not returned. They are lost when the process ends; a bus that is started again goes on with them. Of a durable subscription only those whose handler has
/// not returned; they are delivered again. None of a stream: its reader still gets what waits there.</param>
public sealed record SubscriptionReceipt(string Name, SubscriptionStatistics Statistics, IReadOnlyList<EventMetadata> Abandoned)
{
    /// <summary>Durable only: deliveries that were read and are not settled. The log keeps them, and <see cref="SubscriptionStatistics.Lag"/> tells what was not even read;
    /// the next start goes on with both.</summary>
    public long Kept { get; init; }

    // What the log keeps is not lost with its handler.
    internal long Lost => Math.Max(0, Abandoned.Count - Kept);
}
