namespace EventBus.Checkpointing;

/// <summary>The key of the event that a feed is about to add to its queue. It was read, or loaded, before: a queue that asked the subscription for it would run the
/// application's code under the feed's lock, and could get another answer than the one that is stored.</summary>
internal sealed class KeyInHand
{
    public string? Key { get; set; }
}
