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

    /// <inheritdoc cref="Entrance{T}.BehindIn"/>
    public long BehindIn => _events.BehindIn;

    /// <inheritdoc cref="Entrance{T}.BehindIn"/>
    public long BehindOut => _events.BehindOut;

    public bool AnyBehind => _events.Behind > 0;

    /// <summary>Whether a publisher waits for room, or for its key's share.</summary>
    public bool AnyPublisherWaits => HasWaiters || _atLanes > 0;

    /// <inheritdoc cref="Entrance{T}.MayHoldCauseOf"/>
    public bool MayHoldCauseOf(in QueuedEvent<T> effect) => _events.MayHoldCauseOf(effect);

    /// <inheritdoc cref="Entrance{T}.TryPutBehind"/>
    public bool? TryPutBehind(LaneWaiter<TKey, T> effect) => _events.TryPutBehind(effect);

    public void AddFollowersTo(List<QueuedEvent<T>> waiting) => _events.AddFollowersTo(waiting);

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
        _events.Leave(waiter);
        Append(waiter.Event, waiter.Key);
        while (waiter.TakeFollower() is LaneWaiter<TKey, T> follower)
            AppendFollower(follower);
        // Last: from then on it is the next publisher's.
        waiter.Admit();
    }

    /// <summary>Lets all in that stand behind publishers, before those.</summary>
    public void AppendAllFollowers()
    {
        foreach (var waiter in _events.WithFollowers())
        {
            while (waiter.TakeFollower() is LaneWaiter<TKey, T> follower)
                AppendFollower(follower);
        }
    }

    /// <summary>An event that stood behind a publisher goes to its lane at once.</summary>
    public void CountFollowerIn(LaneWaiter<TKey, T> follower)
    {
        CountAtLane(follower);
        _events.CountFollowerIn();
    }

    /// <summary>A publisher's event goes to its lane at once.</summary>
    public void CountIn(LaneWaiter<TKey, T> waiter)
    {
        _events.Leave(waiter);
        CountAtLane(waiter);
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

    /// <param name="waiter">The publisher.</param>
    /// <param name="letsIn">Whether something has come in that stood behind it.</param>
    public bool TryForget(RoomWaiter<T> waiter, out bool letsIn)
    {
        letsIn = false;
        if (waiter.List is not { } list)
            return false;
        if (!ReferenceEquals(list, _events.Waiters))
            _atLanes--;
        _events.Leave(waiter);
        while (waiter.TakeFollower() is LaneWaiter<TKey, T> follower)
        {
            if (_events.TryMoveBehindAnother(follower))
                continue;
            AppendFollower(follower);
            letsIn = true;
        }

        return true;
    }

    /// <summary>Closes, or without a reason opens again.</summary>
    /// <returns>The publishers that waited, also those at <paramref name="lanes"/>, to be told.</returns>
    public IReadOnlyList<RoomWaiter<T>> Close(Exception? reason, bool forWorkersToo, IEnumerable<Lane<TKey, T>> lanes)
    {
        if (reason is not null)
            AppendAllFollowers();
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

    private void AppendFollower(LaneWaiter<TKey, T> follower)
    {
        Append(follower.Event, follower.Key);
        _events.CountFollowerIn();
        follower.Spare();
    }

    private void CountAtLane(LaneWaiter<TKey, T> waiter)
    {
        _events.CountAccepted();
        _events.TakeRoom();
        if (waiter.Key.IsKeyed)
            shares?.CountIn(waiter.Key.Hash);
    }

    private void GrowKeys(long number)
    {
        var grown = new KeySlot<TKey>[_events.Ring.Length];
        for (var kept = _events.Claimed; kept < number; kept++)
            grown[(int)kept & (grown.Length - 1)] = _keys[(int)kept & (_keys.Length - 1)];
        _keys = grown;
    }
}
