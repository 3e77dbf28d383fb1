namespace EventBus;

/// <summary>What became of a subscription's deliveries since the bus was built. Every number but <see cref="Waiting"/>, <see cref="Parked"/>, <see cref="Lag"/>, <see cref="OldestUnsettled"/> and
/// <see cref="StuckNow"/> only grows.</summary>
/// <remarks>The numbers are read one after the other while the bus works; once it is idle,
/// <see cref="Accepted"/> = <see cref="Settled"/> + <see cref="Waiting"/>.</remarks>
public sealed record SubscriptionStatistics
{
    /// <summary>Deliveries that were accepted, redriven ones included.</summary>
    public long Accepted { get; init; }

    /// <summary>Deliveries whose handler returned; of a stream, those that its reader took.</summary>
    public long Handled { get; init; }

    /// <summary>Inline only: failures that went to the publisher.</summary>
    public long Failed { get; init; }

    /// <summary>Attempts that failed and were followed, or will be, by another.</summary>
    public long Retried { get; init; }

    /// <summary>Deliveries recognised as handled before, and skipped.</summary>
    public long Duplicates { get; init; }

    /// <summary>Deliveries that the subscription's filter did not want.</summary>
    public long Filtered { get; init; }

    /// <summary>Deliveries whose time to live was over.</summary>
    public long Expired { get; init; }

    /// <summary>Deliveries that became dead letters.</summary>
    public long DeadLettered { get; init; }

    /// <summary>Deliveries dropped because the queue was full, as its mode asks, or because the subscription ended; of a stream that begins in the log, events whose bytes could not be turned into one.</summary>
    public long Dropped { get; init; }

    /// <summary>Events refused because the queue was full. They were never accepted.</summary>
    public long Refused { get; init; }

    /// <summary>Events that their publisher stopped waiting to have accepted. They were never accepted. Each is counted when its publisher goes on; where a stop sent it away, that
    /// may be after the receipt.</summary>
    public long Missed { get; init; }

    /// <summary>Attempts that were reported as stuck.</summary>
    public long Stuck { get; init; }

    /// <summary>Handlers that were reported as stuck and have not returned yet, abandoned ones included.</summary>
    public long StuckNow { get; init; }

    /// <summary>Attempts abandoned because their handler did not return.</summary>
    public long AbandonedAttempts { get; init; }

    /// <summary>Deliveries that wait or run now.</summary>
    public long Waiting { get; init; }

    /// <summary>Of <see cref="Waiting"/>, those that wait for their next attempt, or behind an earlier event of their key.</summary>
    public long Parked { get; init; }

    /// <summary>Durable, and streams that begin in the log: how many sequences of the log the subscription has not read, or the stream's reader not taken yet. At most as many events wait there.</summary>
    public long Lag { get; init; }

    /// <summary>Durable only: the oldest sequence of the log that is not settled, whether it waits, runs or was not read yet; 0 if everything is settled.
    /// <see cref="IEventLogOperations.ReadAsync"/> from there tells what it is and since when.</summary>
    public long OldestUnsettled { get; init; }

    /// <summary>Deliveries that are done with, one way or another.</summary>
    public long Settled => Handled + Failed + Duplicates + Filtered + Expired + DeadLettered + Dropped;
}
