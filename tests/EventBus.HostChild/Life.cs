namespace EventBus.HostChild;

/// <summary>What one process is to do.</summary>
public sealed record Life
{
    public required string File { get; init; }

    /// <summary>The first number that it gives an event.</summary>
    public int From { get; init; }

    /// <summary>How many publishers it has.</summary>
    public int Publishers { get; init; }

    /// <summary>Whether every tenth stored event fails as long as it lives.</summary>
    public bool SomeFail { get; init; }

    /// <summary>Whether the handler of the first queued event never returns.</summary>
    public bool OneHangs { get; init; }

    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A fact that is queued in memory.</summary>
public sealed record Queued(int Number);

/// <summary>A fact that is stored.</summary>
public sealed record Stored(int Number);
