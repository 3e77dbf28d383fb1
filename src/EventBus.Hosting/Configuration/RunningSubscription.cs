namespace EventBus.Hosting.Configuration;

/// <summary>With what configuration a subscription runs, and what was last seen of it.</summary>
internal sealed class RunningSubscription(SubscriptionReading reading, bool pausedByCode)
{
    /// <summary>The values with which it was built.</summary>
    public IReadOnlyDictionary<string, string> Running => reading.Values;

    /// <summary>The values as they were when they were last looked at.</summary>
    public IReadOnlyDictionary<string, string> Seen { get; set; } = reading.Values;

    /// <summary>Whether configuration, or code where configuration does not say, last had it paused.</summary>
    public bool Paused { get; set; } = reading.Paused ?? pausedByCode;

    public bool PausedByCode => pausedByCode;
}
