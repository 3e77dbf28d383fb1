namespace EventBus.Hosting.Configuration;

/// <summary>A bus that is hosted.</summary>
/// <param name="Key">Its key; none for the bus without.</param>
internal sealed record HostedBusKey(string? Key);
