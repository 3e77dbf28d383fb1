namespace EventBus.Queueing;

/// <summary>Publishers that wait for room, in the order in which they came. Guarded by its owner's lock.</summary>
internal sealed class RoomWaiters<T>
{
    public RoomWaiter<T>? First { get; private set; }

    public RoomWaiter<T>? Last { get; private set; }

    public void Add(RoomWaiter<T> waiter)
    {
        waiter.List = this;
        waiter.Previous = Last;
        waiter.Next = null;
        if (Last is null)
            First = waiter;
        else
            Last.Next = waiter;
        Last = waiter;
    }

    public void Remove(RoomWaiter<T> waiter)
    {
        if (waiter.Previous is null)
            First = waiter.Next;
        else
            waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null)
            Last = waiter.Previous;
        else
            waiter.Next.Previous = waiter.Previous;
        waiter.Previous = waiter.Next = null;
        waiter.List = null;
    }
}
