using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>Where events come into a queue: its room, the line of those that nobody has claimed yet, and the publishers that wait for
/// room. Guarded by its owner's lock; only that owner writes to its fields, through the methods.</summary>
internal sealed class Entrance<T>(QueueLimits limits)
{
    private WaitersByRoot<T>? _byRoot;
    private long _behindIn;
    private long _behindOut;
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
    public bool HasRoom(bool fromWorker) => fromWorker ? Used + Behind < limits.For(fromWorker) : Used < limits.For(fromWorker) && Waiters.First is null;

    /// <summary>Events that handlers have published and that stand behind a publisher who waits with their cause. They are accepted, and take room of the reserve.</summary>
    public int Behind => (int)(_behindIn - _behindOut);

    /// <summary>Events that began to stand behind a publisher, and those that ceased to.</summary>
    public long BehindIn => Volatile.Read(ref _behindIn);

    /// <inheritdoc cref="BehindIn"/>
    public long BehindOut => Volatile.Read(ref _behindOut);

    // Not more of them than the reserve has: those who wait with their causes come in as far as the capacity goes.
    private bool HasRoomBehind => Behind < limits.Reserve && HasRoom(fromWorker: true);

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
        (_byRoot ??= new()).Add(waiter);
    }

    /// <summary>A publisher has waited.</summary>
    public void Leave(RoomWaiter<T> waiter)
    {
        waiter.List!.Remove(waiter);
        _byRoot!.Remove(waiter);
    }

    /// <summary>Whether a publisher may wait with the cause of what a handler publishes.</summary>
    public bool MayHoldCauseOf(in QueuedEvent<T> effect) => _byRoot is not null && _byRoot.MayHoldCauseOf(effect);

    /// <summary>Puts an event directly behind the publisher that waits with its cause, if there is one.</summary>
    /// <returns>Whether there is, and whether there is room; <see langword="null"/> if no publisher waits with its cause.</returns>
    public bool? TryPutBehind(RoomWaiter<T> effect)
    {
        if (_byRoot?.CauseOf(effect) is not { } cause)
            return null;
        if (!HasRoomBehind)
            return false;
        cause.AddFollower(effect);
        CountAccepted();
        // After that: else it could seem at rest before it was there.
        Volatile.Write(ref _behindIn, _behindIn + 1);
        return true;
    }

    /// <summary>Puts an event behind another publisher, whose own has left without coming in.</summary>
    /// <returns>Whether there is another; if not, it is to come in.</returns>
    public bool TryMoveBehindAnother(RoomWaiter<T> effect)
    {
        var cause = _byRoot!.CauseOf(effect);
        cause?.AddFollower(effect);
        return cause is not null;
    }

    /// <summary>An event that stood behind a publisher comes in. It was accepted when it came to stand there.</summary>
    public void CountFollowerIn()
    {
        Accepted--;
        Volatile.Write(ref _behindOut, _behindOut + 1);
    }

    /// <summary>Those that events stand behind, in the order in which they came.</summary>
    public IEnumerable<RoomWaiter<T>> WithFollowers() => Behind == 0 ? [] : _byRoot!.WithFollowers();

    public void AddFollowersTo(List<QueuedEvent<T>> waiting)
    {
        foreach (var waiter in WithFollowers())
        {
            for (var follower = waiter.FirstFollower; follower is not null; follower = follower.Next)
                waiting.Add(follower.Event);
        }
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
            Leave(waiter);
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
