namespace EventBus.CrashChild;

/// <summary>What one process is to do, from its start to its death.</summary>
public sealed record Life
{
    public required string File { get; init; }

    public Deed Does { get; init; }

    /// <summary>Where it kills itself; see <see cref="Points"/>. Nowhere if empty.</summary>
    public string DiesAt { get; init; } = "";

    /// <summary>At which passing of that point, from 1.</summary>
    public int DiesAtPassing { get; init; } = 1;

    /// <summary>For <see cref="Points.SometimeInCommit"/>: how long after the beginning of the commit.</summary>
    public int DiesAfterMicroseconds { get; init; }

    /// <summary>The number of each publisher's next event; there are as many publishers.</summary>
    public IReadOnlyList<int> Next { get; init; } = [0, 0, 0];

    /// <summary>How many events each publishes.</summary>
    public int Events { get; init; } = 10;

    /// <summary>Events of which nobody knows whether they were accepted, to be published again under their ids.</summary>
    public IReadOnlyList<string> Again { get; init; } = [];

    public int NextReminder { get; init; }

    public int Reminders { get; init; } = 3;

    /// <summary>Whether it redrives some dead letters.</summary>
    public bool Redrives { get; init; }

    /// <summary>Whether some handlers never return. It dies when it has published.</summary>
    public bool Hangs { get; init; }

    /// <summary>Whether it replays a subscription and removes the oldest events, at once.</summary>
    public bool Replays { get; init; }

    /// <summary>Whether another program takes the write lock again and again while it publishes and schedules.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Whether it looks for damage when it has started.</summary>
    public bool ChecksIntegrity { get; init; }

    /// <summary>Whether it stops when it has published, whatever is left to handle.</summary>
    public bool StopsEarly { get; init; }

    /// <summary>Whether nothing is to be left when it ends.</summary>
    public bool IsLast { get; init; }

    public int BusyMilliseconds { get; init; } = 5000;

    /// <summary>How many bytes each event has besides its number.</summary>
    public int Bytes { get; init; }
}

public enum Deed
{
    /// <summary>Publishes, handles and schedules, with all kinds of subscriptions.</summary>
    Work,

    /// <summary>Publishes only.</summary>
    Publish,

    /// <summary>Handles events, of which one kills its process.</summary>
    CrashInHandler,
}
