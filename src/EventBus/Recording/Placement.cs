namespace EventBus.Recording;

/// <summary>What the writer does for an event of its own, once it is committed and before durable subscriptions get it: the event takes its place in every queue.</summary>
/// <remarks>So the order of the log is the order of the queues, an effect of a durable delivery comes behind its cause, and an id that the log has already takes no
/// second place. What has to be waited for, the publisher waits for afterwards.</remarks>
internal abstract class Placement
{
    /// <summary>Called by the writer, in order of sequence, for what it appended and for nothing else. Must neither wait nor throw.</summary>
    public abstract void Place(in AppendedEvent appended);
}
