namespace EventBus.Queueing;

/// <summary>Publishers that wait for room, in the order in which they came. Guarded by its owner's lock.</summary>
internal sealed class RoomWaiters<T>
{
    public RoomWaiter<T>? First { get; private set; }

    public RoomWaiter<T>? Last { get; private set; }

    /// <summary>Puts a waiter in its place: whoever came first goes first, also after a change of lines.</summary>
    public void Add(RoomWaiter<T> waiter)
    {
        var before = Last;
        while (before is not null && before.Ticket > waiter.Ticket)
            before = before.Previous;
        waiter.List = this;
        waiter.Previous = before;
        waiter.Next = before is null ? First : before.Next;
        if (waiter.Previous is null)
            First = waiter;
        else
            waiter.Previous.Next = waiter;
        if (waiter.Next is null)
            Last = waiter;
        else
            waiter.Next.Previous = waiter;
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
