namespace EventBus;

/// <summary>One subscription's part of a <see cref="StopReceipt"/>.</summary>
/// <param name="Name">The subscription.</param>
/// <param name="Statistics">What became of its deliveries.</param>
/// <param name="Abandoned">The deliveries that were not settled when the stop ended: those that wait, and those whose handler has
/// not returned. They are lost when the process ends; a bus that is started again goes on with them.</param>
public sealed record SubscriptionReceipt(string Name, SubscriptionStatistics Statistics, IReadOnlyList<EventMetadata> Abandoned);
