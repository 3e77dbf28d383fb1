namespace EventBus.Settling;

/// <summary>What a delivery that failed takes along to its next attempt. One that never failed has none.</summary>
internal sealed class RetryState
{
    /// <summary>Attempts made so far.</summary>
    public int Attempts { get; set; }

    /// <summary>When the first attempt began, in ticks of the bus's monotonic clock.</summary>
    public long FirstAttemptAt { get; init; }

    public TimeSpan PreviousDelay { get; set; }

    /// <summary>How often in a row it could not even be tried.</summary>
    public int Postponements { get; set; }

    /// <summary>Where a delivery comes from that was read from the log again; known to whoever keeps account of it.</summary>
    public object? Source { get; init; }

    /// <summary>Whether the process died in its last attempt.</summary>
    public bool WasInterrupted { get; set; }

    /// <summary>The dead letter that its store would not take yet. While there is one the handler is not called again.</summary>
    public DeadLetter? Letter { get; set; }
}
