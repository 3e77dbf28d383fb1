namespace EventBus.Testing;

/// <summary>One call of a handler.</summary>
/// <param name="Number">The attempt, from 1.</param>
/// <param name="Time">When it began, by the bus's clock.</param>
public sealed record RecordedAttempt(int Number, DateTimeOffset Time)
{
    /// <summary>What it failed with; nothing if it did not, or runs.</summary>
    public Exception? Error { get; internal set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsOver { get; internal set; }
}
