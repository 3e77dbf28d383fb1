using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>An entrance that keeps each event's key beside it, read once by the publisher, and knows what share of the room a key has
/// used up. Guarded by its owner's lock.</summary>
internal sealed class KeyedEntrance<TKey, T>(QueueLimits limits, KeyShares? shares)
{
    private readonly Entrance<T> _events = new(limits);
    private KeySlot<TKey>[] _keys = [];

    // Publishers that wait at a lane: while there are any, newcomers are counted exactly, so that nobody passes them.
    private int _atLanes;

    public long Accepted => _events.Accepted;

    public bool IsEmpty => _events.IsEmpty;

    public Exception? Closed => _events.Closed;

    public bool HasWaiters => _events.Waiters.First is not null;

    /// <summary>The publisher that is next to come in, if there is room for it.</summary>
    public LaneWaiter<TKey, T>? NextWaiter => _events.HasRoomForWaiter ? (LaneWaiter<TKey, T>?)_events.Waiters.First : null;

    public bool IsClosedTo(bool fromWorker) => _events.IsClosedTo(fromWorker);

    public bool HasRoom(bool fromWorker) => _events.HasRoom(fromWorker);

    /// <summary>Whether the key has not used up its share for certain; if not, somebody must count.</summary>
    public bool SurelyHasShare(in KeySlot<TKey> key) => !key.IsKeyed || shares is null || (_atLanes == 0 && shares.SurelyHasRoom(key.Hash));

    public void Append(in QueuedEvent<T> @event, in KeySlot<TKey> key)
    {
        var number = _events.Tail;
        _events.Append(@event);
        if (_events.Ring.Length != _keys.Length)
            GrowKeys(number);
        _keys[(int)number & (_keys.Length - 1)] = key;
        if (key.IsKeyed)
            shares?.CountIn(key.Hash);
    }

    /// <summary>Gives all that has come in to <paramref name="line"/>, which has read what it was given before.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool ClaimAll(ArrivalLine<TKey, T> line)
    {
        _events.Free(line.Freed);
        if (_events.IsEmpty)
            return false;
        line.Reset(_events.Ring, _keys, _events.Claimed, _events.Tail);
        _events.ClaimAll();
        return true;
    }

    /// <summary>Room of deliveries that have begun, and slots that have been read.</summary>
    public void GiveBack(int count, ArrivalLine<TKey, T> line)
    {
        _events.GiveBack(count);
        _events.Free(line.Freed);
    }

    public void GiveBack(int count) => _events.GiveBack(count);

    public void TakeRoom() => _events.TakeRoom();

    public void CountAccepted() => _events.CountAccepted();

    public void AddWaiter(LaneWaiter<TKey, T> waiter) => _events.AddWaiter(waiter);

    public void Admit(LaneWaiter<TKey, T> waiter)
    {
        _events.Waiters.Remove(waiter);
        Append(waiter.Event, waiter.Key);
        waiter.Admit();
    }

    /// <summary>A publisher's event goes to its lane at once.</summary>
    public void CountIn(LaneWaiter<TKey, T> waiter)
    {
        _events.Waiters.Remove(waiter);
        _events.CountAccepted();
        _events.TakeRoom();
        if (waiter.Key.IsKeyed)
            shares?.CountIn(waiter.Key.Hash);
    }

    /// <summary>A publisher gives up its place in the line for room, and waits for its key's share first.</summary>
    public void SendToLane(LaneWaiter<TKey, T> waiter, Lane<TKey, T> lane)
    {
        _events.Waiters.Remove(waiter);
        (lane.Waiters ??= new()).Add(waiter);
        _atLanes++;
    }

    public void TakeFromLane(LaneWaiter<TKey, T> waiter, Lane<TKey, T> lane)
    {
        lane.Waiters!.Remove(waiter);
        if (lane.Waiters.First is null)
            lane.Waiters = null;
        _atLanes--;
        _events.Waiters.Add(waiter);
    }

    public bool TryForget(RoomWaiter<T> waiter)
    {
        if (waiter.List is not { } list)
            return false;
        if (!ReferenceEquals(list, _events.Waiters))
            _atLanes--;
        list.Remove(waiter);
        return true;
    }

    /// <summary>Closes, or without a reason opens again.</summary>
    /// <returns>The publishers that waited, also those at <paramref name="lanes"/>, to be told.</returns>
    public IReadOnlyList<RoomWaiter<T>> Close(Exception? reason, bool forWorkersToo, IEnumerable<Lane<TKey, T>> lanes)
    {
        if (reason is not null && _atLanes > 0)
        {
            foreach (var lane in lanes)
            {
                while (lane.Waiters?.First is LaneWaiter<TKey, T> waiter)
                    TakeFromLane(waiter, lane);
            }
        }

        return _events.Close(reason, forWorkersToo);
    }

    private void GrowKeys(long number)
    {
        var grown = new KeySlot<TKey>[_events.Ring.Length];
        for (var kept = _events.Claimed; kept < number; kept++)
            grown[(int)kept & (grown.Length - 1)] = _keys[(int)kept & (_keys.Length - 1)];
        _keys = grown;
    }
}
