using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>Publishers that wait for room in a <see cref="LaneQueue{TKey, T}"/>: for any, in one line; or for their key's share, each
/// key in a line of its own, so that they hold up nobody else.</summary>
/// <remarks>Its lock is taken before a shard's, never after.</remarks>
internal sealed class LaneAdmission<TKey, T>(LaneQueue<TKey, T> queue, QueueLimits limits)
{
    private readonly object _gate = new();
    private readonly RoomWaiters<T> _waiters = new();
    private readonly Dictionary<RoomWaiter<T>, Wish> _wishes = [];
    private int _inLine;

    /// <summary>Whether anybody waits for room of any kind, and so goes before newcomers.</summary>
    public bool AnyoneWaits => Volatile.Read(ref _inLine) > 0;

    public void Add(RoomWaiter<T> waiter, LaneShard<TKey, T> shard, bool keyed, TKey key, int hash)
    {
        lock (_gate)
        {
            _wishes.Add(waiter, new(shard, keyed, key, hash));
            StandInLine(waiter);
        }

        // What was released before we stood there did not see us.
        Serve();
    }

    public bool TryForget(RoomWaiter<T> waiter)
    {
        lock (_gate)
        {
            if (waiter.List is null)
                return false;
            StepOut(waiter);
            _wishes.Remove(waiter);
            return true;
        }
    }

    public void FailAll(Exception reason)
    {
        List<RoomWaiter<T>> waiting;
        lock (_gate)
        {
            waiting = [.. _wishes.Keys];
            foreach (var waiter in waiting)
                StepOut(waiter);
            _wishes.Clear();
        }

        foreach (var waiter in waiting)
            waiter.Fail(reason);
    }

    /// <summary>Room was given back.</summary>
    public void Serve()
    {
        var admitted = false;
        lock (_gate)
        {
            while (_waiters.First is { } waiter && queue.TryReserveForWaiter())
            {
                StepOut(waiter);
                if (!TryPlace(waiter))
                {
                    queue.Unreserve();
                    continue;
                }

                _wishes.Remove(waiter);
                waiter.Admit();
                admitted = true;
            }
        }

        if (admitted)
            queue.WakeIfAsleep();
    }

    /// <summary>An event left a lane that publishers wait for: as many as its share allows come into the line for room.</summary>
    public void Serve(Lane<TKey, T> lane)
    {
        lock (_gate)
        {
            lock (lane.Shard.Gate)
            {
                if (lane.Waiters is null)
                    return;
                for (var free = limits.MaxPerKey - lane.Count; free > 0 && lane.Waiters.First is { } waiter; free--)
                {
                    lane.Waiters.Remove(waiter);
                    waiter.Lane = null;
                    StandInLine(waiter);
                }

                CloseIfDone(lane);
            }
        }

        Serve();
    }

    private bool TryPlace(RoomWaiter<T> waiter)
    {
        var (shard, keyed, key, hash) = _wishes[waiter];
        lock (shard.Gate)
        {
            if (keyed && shard.Find(key, hash) is { } lane && lane.Count >= limits.MaxPerKey)
            {
                waiter.Lane = lane;
                (lane.Waiters ??= new()).Add(waiter);
                return false;
            }

            queue.AppendFor(waiter, shard, keyed, key, hash);
            return true;
        }
    }

    private void StandInLine(RoomWaiter<T> waiter)
    {
        _waiters.Add(waiter);
        Interlocked.Increment(ref _inLine);
    }

    private void StepOut(RoomWaiter<T> waiter)
    {
        if (ReferenceEquals(waiter.List, _waiters))
            Interlocked.Decrement(ref _inLine);
        if (waiter.Lane is not Lane<TKey, T> lane)
        {
            waiter.List!.Remove(waiter);
            return;
        }

        lock (lane.Shard.Gate)
        {
            waiter.List!.Remove(waiter);
            waiter.Lane = null;
            CloseIfDone(lane);
        }
    }

    private static void CloseIfDone(Lane<TKey, T> lane)
    {
        if (lane.Waiters is { First: not null })
            return;
        lane.Waiters = null;
        if (lane.State == LaneState.Idle && lane.IsEmpty)
            lane.Shard.Close(lane);
    }

    private readonly record struct Wish(LaneShard<TKey, T> Shard, bool Keyed, TKey Key, int Hash);
}
