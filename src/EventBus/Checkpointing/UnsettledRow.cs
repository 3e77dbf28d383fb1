using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Checkpointing;

/// <summary>A delivery that the position has passed, or is to pass, although it is not settled: small, because a subscription may have a hundred thousand. Its event
/// is read again when its time comes.</summary>
internal sealed class UnsettledRow(DeliveryId id, string? key, Action<UnsettledRow> onDue) : DueItem
{
    public DeliveryId Id { get; } = id;

    public string? Key => key;

    /// <summary>Its place among the deliveries of its key: that of its event in the log, and for a dead letter that is redriven after all that had been read by then.</summary>
    public DeliveryId Place { get; set; } = id;

    public RowPhase Phase { get; set; }

    /// <summary>What is stored of its state.</summary>
    public LogDeliveryState StoredState { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset Due { get; set; }

    public TimeSpan Wait { get; set; }

    /// <summary>When its first attempt began.</summary>
    public DateTimeOffset FirstAttempt { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>Whether the budget of retries has given it a place, for which it waits.</summary>
    public bool HasPlace { get; set; }

    /// <summary>What it takes along to its next attempt.</summary>
    public RetryState? Retry { get; set; }

    public override void OnDue() => onDue(this);

    public bool IsOf(object owner) => ReferenceEquals(onDue.Target, owner);

    public LogDelivery ToStored() => new()
    {
        Sequence = Id.Sequence,
        DeadLetterId = Id.DeadLetterId,
        Key = key,
        Attempts = Attempts,
        State = StoredState,
        Due = Due,
        Wait = Wait,
        FirstAttempt = FirstAttempt,
    };
}

/// <summary>What a row is doing.</summary>
internal enum RowPhase
{
    /// <summary>Its event is in the queue or with a worker.</summary>
    InHand,

    /// <summary>Its event is beyond what was read of the log since the start.</summary>
    Held,

    /// <summary>Waits for its time.</summary>
    Waiting,

    /// <summary>Waits behind an earlier one of its key.</summary>
    Behind,

    /// <summary>Its time has come; its event is being read.</summary>
    Due,
}
