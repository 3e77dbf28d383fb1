using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>Finds the publisher that waits for room with the cause of an event that a handler publishes. Guarded by its queue's lock.</summary>
/// <remarks>Whatever follows from an event, at any distance, carries that event's stamp as its root. So one look tells that nothing waits that it could have to do with.</remarks>
internal sealed class WaitersByRoot<T>
{
    private const int Buckets = 64;

    private readonly RoomWaiter<T>?[] _buckets = new RoomWaiter<T>?[Buckets];
    private int _count;

    /// <summary>Whether something may wait that the event follows from.</summary>
    public bool MayHoldCauseOf(in QueuedEvent<T> effect) =>
        _count > 0 && effect.Details is { Root: > 0 and var root } && (root == EventDetails.UnknownRoot || BucketOf(root) is not null);

    public void Add(RoomWaiter<T> waiter)
    {
        ref var bucket = ref BucketOf(waiter.Root);
        waiter.NextOfRoot = bucket;
        bucket = waiter;
        _count++;
    }

    public void Remove(RoomWaiter<T> waiter)
    {
        ref var place = ref BucketOf(waiter.Root);
        while (!ReferenceEquals(place, waiter))
            place = ref place!.NextOfRoot;
        place = waiter.NextOfRoot;
        waiter.NextOfRoot = null;
        _count--;
    }

    /// <summary>The last to come of those that wait with something that an event follows from, and whose order it is in.</summary>
    public RoomWaiter<T>? CauseOf(RoomWaiter<T> effect)
    {
        if (!MayHoldCauseOf(effect.Event))
            return null;
        var root = effect.Event.Details!.Root;
        if (root != EventDetails.UnknownRoot)
            return LastIn(BucketOf(root), effect, null);
        RoomWaiter<T>? last = null;
        foreach (var bucket in _buckets)
            last = LastIn(bucket, effect, last);
        return last;
    }

    /// <summary>Those that events stand behind, in the order in which they came.</summary>
    public IEnumerable<RoomWaiter<T>> WithFollowers()
    {
        var found = new List<RoomWaiter<T>>();
        foreach (var bucket in _buckets)
        {
            for (var waiter = bucket; waiter is not null; waiter = waiter.NextOfRoot)
            {
                if (waiter.FirstFollower is not null)
                    found.Add(waiter);
            }
        }

        return found.OrderBy(static waiter => waiter.Ticket);
    }

    private static RoomWaiter<T>? LastIn(RoomWaiter<T>? bucket, RoomWaiter<T> effect, RoomWaiter<T>? last)
    {
        for (var waiter = bucket; waiter is not null; waiter = waiter.NextOfRoot)
        {
            if ((last is null || waiter.Ticket > last.Ticket) && LedTo(waiter, effect.Event.Details!) && effect.IsInOrderWith(waiter))
                last = waiter;
        }

        return last;
    }

    private static bool LedTo(RoomWaiter<T> waiter, EventDetails effect)
    {
        if (effect.Root != EventDetails.UnknownRoot)
            return waiter.Root == effect.Root;
        // Its cause was read from the log, which does not know the stamp; there its conversation tells. What has no attributes has no id yet, and may be the cause.
        return waiter.Event.Details is not { Id: { } id } details || (details.CorrelationId ?? id) == effect.CorrelationId;
    }

    private ref RoomWaiter<T>? BucketOf(ulong root) => ref _buckets[(int)((root * 0x9E3779B97F4A7C15) >> 58)];
}
