namespace EventBus.Storage;

/// <summary>How large a log is.</summary>
public sealed record LogStatistics
{
    /// <summary>How many events it holds.</summary>
    public required long Events { get; init; }

    /// <summary>The sequence of the oldest event it holds; 0 for none.</summary>
    public required long Oldest { get; init; }

    /// <summary>The greatest sequence ever given.</summary>
    public required long Head { get; init; }

    /// <summary>Bytes that it takes, without what is free within it.</summary>
    public required long Bytes { get; init; }

    /// <summary>How many dead letters it holds.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>How many events are scheduled.</summary>
    public required long Scheduled { get; init; }
}
