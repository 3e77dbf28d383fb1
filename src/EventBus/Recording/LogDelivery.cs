namespace EventBus.Storage;

/// <summary>The stored state of one delivery that is not settled although its subscription's position has passed it, or may pass it; or that is settled beyond the position.</summary>
public sealed record LogDelivery
{
    /// <summary>The event's number in the log.</summary>
    public required long Sequence { get; init; }

    /// <summary>The dead letter that is delivered again, or 0 for an event of the log.</summary>
    public long DeadLetterId { get; init; }

    /// <summary>The key whose order the delivery keeps, as text; <see langword="null"/> for none.</summary>
    public string? Key { get; init; }

    /// <summary>Attempts that count so far.</summary>
    public int Attempts { get; init; }

    /// <summary>Why it is not settled, or that it is.</summary>
    public required LogDeliveryState State { get; init; }

    /// <summary>Until when it waits, in UTC; kept to the millisecond.</summary>
    public DateTimeOffset Due { get; init; }

    /// <summary>When its first attempt began, in UTC; kept to the millisecond. A retry policy's total time counts from here, also across restarts.</summary>
    public DateTimeOffset FirstAttempt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>How long the wait was when it began: a clock that was set must neither stretch nor end it.</summary>
    public TimeSpan Wait { get; init; }
}

/// <summary>Why a stored delivery is not settled, or that it is. The numbers are stored.</summary>
public enum LogDeliveryState
{
    /// <summary>It waits for its next attempt.</summary>
    Waiting = 0,

    /// <summary>It waits behind an earlier delivery of its key.</summary>
    BehindKey = 1,

    /// <summary>Its attempt is under way, or was when the process died.</summary>
    Running = 2,

    /// <summary>It is settled, for example by a dead letter, and its subscription's position has not passed it. Forgotten when it has.</summary>
    Settled = 3,
}
