namespace EventBus.Checkpointing;

/// <summary>Names one delivery of a durable subscription.</summary>
/// <param name="Sequence">The event's number in the log.</param>
/// <param name="DeadLetterId">The dead letter that is delivered again; 0 for the event of the log itself.</param>
internal readonly record struct DeliveryId(long Sequence, long DeadLetterId = 0)
{
    /// <summary>In the order of the log.</summary>
    public int CompareTo(DeliveryId other) =>
        Sequence.CompareTo(other.Sequence) is var bySequence and not 0 ? bySequence : DeadLetterId.CompareTo(other.DeadLetterId);
}
