namespace EventBus.Testing;

/// <summary>The handing of one event to one subscription. It changes for as long as it is not settled.</summary>
public sealed class RecordedDelivery
{
    private readonly object _gate;
    private readonly List<RecordedAttempt> _attempts = [];

    internal RecordedDelivery(object gate, RecordedEvent @event, EventMetadata metadata)
    {
        _gate = gate;
        Event = @event;
        Subscription = metadata.Subscription;
        Sequence = metadata.Sequence;
        IsReplay = metadata.IsReplay;
    }

    /// <summary>The event.</summary>
    public RecordedEvent Event { get; }

    /// <summary>The subscription's name.</summary>
    public string Subscription { get; }

    /// <summary>What has become of it so far.</summary>
    public DeliveryState State { get; internal set; }

    /// <summary>The calls of its handler, in order; those of the life before a crash included.</summary>
    public IReadOnlyList<RecordedAttempt> Attempts
    {
        get
        {
            lock (_gate)
                return [.. _attempts];
        }
    }

    /// <summary>The latest failure of its handler; nothing if it never failed.</summary>
    public Exception? Error => Attempts.LastOrDefault(static attempt => attempt.Error is not null)?.Error;

    /// <summary>The dead letter that it became.</summary>
    public DeadLetter? DeadLetter { get; internal set; }

    /// <summary>While it waits for its next attempt: until when.</summary>
    public DateTimeOffset? DueTime { get; internal set; }

    /// <summary>Whether a durable subscription was moved back and is given the past again.</summary>
    public bool IsReplay { get; }

    /// <summary>Whether it is done with, one way or another.</summary>
    public bool IsSettled => State is not (DeliveryState.Waiting or DeliveryState.Running or DeliveryState.Retrying);

    /// <summary>Whether it is about to wait, and time may not pass yet.</summary>
    internal bool IsParking { get; set; }

    internal long? Sequence { get; set; }

    /// <summary>Its place among all that was settled.</summary>
    internal long SettledAs { get; set; }

    /// <inheritdoc/>
    public override string ToString() => FlowText.Of(this);

    // With the history's lock held.
    internal RecordedAttempt Begin(int number, DateTimeOffset time)
    {
        var attempt = new RecordedAttempt(number, time);
        _attempts.Add(attempt);
        State = DeliveryState.Running;
        DueTime = null;
        IsParking = false;
        return attempt;
    }

    internal RecordedAttempt? Latest => _attempts.Count == 0 ? null : _attempts[^1];
}
