namespace EventBus.Queueing;

/// <summary>A publisher that waits for room, or for its key's share of it.</summary>
internal sealed class LaneWaiter<TKey, T>(DeliveryQueue<T> queue) : RoomWaiter<T>(queue)
{
    public KeySlot<TKey> Key;

    // A key whose equality throws is in nobody's order.
    public override bool IsInOrderWith(RoomWaiter<T> other)
    {
        try
        {
            return other is LaneWaiter<TKey, T> waiter && Key.IsKeyed && waiter.Key.IsKeyed && Key.Hash == waiter.Key.Hash
                && EqualityComparer<TKey>.Default.Equals(Key.Key, waiter.Key.Key);
        }
        catch (Exception)
        {
            return false;
        }
    }
}
