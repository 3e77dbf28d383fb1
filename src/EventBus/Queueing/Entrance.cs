using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>Where events come into a queue: its room, the line of those that nobody has claimed yet, and the publishers that wait for
/// room. Guarded by its owner's lock; only that owner writes to its fields, through the methods.</summary>
internal sealed class Entrance<T>(QueueLimits limits)
{
    private long _tail;
    private long _freed;
    private long _lastTicket;
    private Exception? _closed;
    private bool _closedForWorkers;

    public Ring<T> Ring = new();

    /// <summary>Up to where events have been claimed.</summary>
    public long Claimed;

    public long Tail => _tail;

    public int Used;

    public long Accepted;

    public readonly RoomWaiters<T> Waiters = new();

    public bool IsEmpty => Claimed == _tail;

    public Exception? Closed => _closed;

    public bool IsClosedTo(bool fromWorker) => _closed is not null && (!fromWorker || _closedForWorkers);

    /// <summary>Whether there is room; publishers that came before go first.</summary>
    public bool HasRoom(bool fromWorker) => Used < limits.For(fromWorker) && (fromWorker || Waiters.First is null);

    public bool HasRoomForWaiter => Used < limits.Capacity;

    public void Append(in QueuedEvent<T> @event)
    {
        if (_tail - _freed == Ring.Length)
            Ring = Ring.Grown(Claimed, _tail);
        Ring.Put(_tail++, @event);
        CountAccepted();
        Used++;
    }

    /// <summary>An event that was accepted without coming through the line.</summary>
    public void CountAccepted() => Accepted++;

    public void TakeRoom() => Used++;

    public void GiveBack(int count) => Used -= count;

    /// <summary>What was claimed before this number has been read: its slots may be used again.</summary>
    public void Free(long number) => _freed = number;

    public void ClaimAll() => Claimed = _tail;

    public void TakeOldest(out QueuedEvent<T> oldest)
    {
        Ring.Take(Claimed, out oldest);
        _freed = ++Claimed;
    }

    /// <summary>Lets a publisher wait, behind all that came before.</summary>
    public void AddWaiter(RoomWaiter<T> waiter)
    {
        waiter.Ticket = ++_lastTicket;
        Waiters.Add(waiter);
    }

    /// <summary>Closes, or without a reason opens again.</summary>
    /// <returns>The publishers that waited, to be told.</returns>
    public IReadOnlyList<RoomWaiter<T>> Close(Exception? reason, bool forWorkersToo)
    {
        _closed = reason;
        _closedForWorkers = reason is not null && forWorkersToo;
        if (reason is null || Waiters.First is null)
            return [];
        var waiting = new List<RoomWaiter<T>>();
        while (Waiters.First is { } waiter)
        {
            Waiters.Remove(waiter);
            waiting.Add(waiter);
        }

        return waiting;
    }

    public void AddUnclaimedTo(List<QueuedEvent<T>> waiting)
    {
        for (var number = Claimed; number < _tail; number++)
            waiting.Add(Ring.Peek(number));
    }
}
