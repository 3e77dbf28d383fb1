namespace EventBus.Queueing;

/// <summary>How much a subscription's queue holds.</summary>
/// <param name="Capacity">Events that publishers may have waiting.</param>
/// <param name="Reserve">Events that handlers may have waiting on top.</param>
/// <param name="MaxPerKey">Events of one key that publishers may have waiting.</param>
/// <param name="WhenFull">What happens when there is no room.</param>
internal sealed record QueueLimits(int Capacity, int Reserve, int MaxPerKey, QueueFullMode WhenFull)
{
    // Room is given back in batches: a publisher that waits is woken once for many events, not once for each. A small queue
    // has no batches, so that its bound stays exact.
    public readonly int ReleaseBatch = Math.Clamp(Capacity / 4, 1, 256);

    // Where nothing is dropped, handlers need a way out that publishers cannot fill: a ring of full queues would never move again.
    public int For(bool fromWorker) => fromWorker && (WhenFull is QueueFullMode.Wait or QueueFullMode.Reject) ? Capacity + Reserve : Capacity;

    /// <summary>What becomes of an event for which there is no room.</summary>
    public Admission WithoutRoom(bool fromWorker) => WhenFull switch
    {
        QueueFullMode.Wait => fromWorker ? Admission.Refused : Admission.MustWait,
        QueueFullMode.Reject => Admission.Refused,
        _ => Admission.Dropped,
    };
}
