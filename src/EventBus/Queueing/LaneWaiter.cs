namespace EventBus.Queueing;

/// <summary>A publisher that waits for room, or for its key's share of it.</summary>
internal sealed class LaneWaiter<TKey, T>(DeliveryQueue<T> queue) : RoomWaiter<T>(queue)
{
    public KeySlot<TKey> Key;
}
