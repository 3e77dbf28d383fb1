namespace EventBus.Testing;

/// <summary>One call of a handler.</summary>
public sealed class RecordedAttempt
{
    internal RecordedAttempt(int number, DateTimeOffset time)
    {
        Number = number;
        Time = time;
    }

    /// <summary>The attempt, from 1.</summary>
    public int Number { get; }

    /// <summary>When it began, by the bus's clock.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>What it failed with; nothing if it did not, or runs.</summary>
    public Exception? Error { get; internal set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsOver { get; internal set; }
}
