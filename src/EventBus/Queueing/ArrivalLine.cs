using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Queueing;

/// <summary>What has come in and stands in the order in which it came, and the worker that takes from it.</summary>
/// <remarks>
/// As long as one worker is enough and nothing is parked, the order of arrival is every key's order, and no lane is
/// needed. Where a second worker comes, or a delivery is parked, all that is left goes to the lanes.
/// Everything is guarded by the lock of the lanes, except that the worker of the line reads on without it: by one interlocked
/// step from event to event. Whoever takes the line from it closes it by another, and so knows which event it has in hand. Without a worker
/// the line is closed: one that has looked whose it is a moment ago, and steps only now, must find nothing, whatever has come in since.
/// </remarks>
internal sealed class ArrivalLine<TKey, T>(KeyShares? shares)
{
    private const long Closed = long.MinValue;

#pragma warning disable CS0169, CA1823, IDE0051 // Room to the neighbours: publishers write to theirs all the time.
    private readonly Padding _before;
    private Ring<T> _events = new();
    private KeySlot<TKey>[] _keys = [];
    private long _begin;
    private long _next = Closed;
    private long _first;
    private long _read;
    private long _end;

    /// <summary>Who has a delivery of it in hand: the one that was read last.</summary>
    public Worker<T>? Worker;

    private readonly Padding _after;
#pragma warning restore CS0169, CA1823, IDE0051

    /// <summary>The first that has not been read; may be read without the lock, as a hint.</summary>
    public long Next => Volatile.Read(ref _next) is >= 0 and var next ? Math.Min(next, _end) : _first;

    public bool IsEmpty => Next == _end;

    /// <summary>Up to where the slots may be used again. The key of the delivery in hand is still needed.</summary>
    public long Freed => Worker is null ? Next : Next - 1;

    /// <summary>Takes in what came since; it has no worker, and has been read to its end.</summary>
    public void Reset(Ring<T> events, KeySlot<TKey>[] keys, long first, long end)
    {
        _events = events;
        _keys = keys;
        _begin = _read = _first = first;
        _end = end;
    }

    /// <summary>Gives the line's worker the next event. Needs no lock where that worker calls it.</summary>
    /// <returns>Whether there was one, and the line had not been taken away.</returns>
    public bool TryRead(out QueuedEvent<T> @event)
    {
        var number = Interlocked.Increment(ref _next) - 1;
        if (number < 0 || number >= _end)
        {
            @event = default;
            return false;
        }

        if (number > _begin)
            KeyAt(number - 1) = default;
        if (shares is not null && KeyAt(number) is { IsKeyed: true } key)
            shares.CountOut(key.Hash);
        _events.Take(number, out @event);
        Volatile.Write(ref _read, number + 1);
        return true;
    }

    /// <summary>Gives the line, with its first event, to a worker.</summary>
    public void Begin(Worker<T> worker)
    {
        Worker = worker;
        Volatile.Write(ref _next, _first);
        TryRead(out worker.Current);
    }

    /// <summary>The worker is done with its last delivery.</summary>
    public void Leave()
    {
        _first = Next;
        _next = Closed;
        KeyAt(_first - 1) = default;
        Worker = null;
    }

    /// <summary>Moves everything to the lanes, also the delivery that the worker has in hand.</summary>
    public void MoveTo(Lanes<TKey, T> lanes)
    {
        if (Worker is null && IsEmpty)
            return;
        var number = _first;
        if (Worker is not null)
        {
            number = Math.Min(Interlocked.Exchange(ref _next, Closed), _end);
            // It may be between its step and its reading, which is a moment, and what it reads must not be used again before.
            WorkStarter.SpinUntil(ref _read, number);
            ref var key = ref KeyAt(number - 1);
            lanes.Run(Worker, key);
            key = default;
            Worker = null;
        }

        for (; number < _end; number++)
        {
            ref var key = ref KeyAt(number);
            _events.Take(number, out var @event);
            lanes.Place(@event, key);
            key = default;
        }

        _first = _end;
    }

    private ref KeySlot<TKey> KeyAt(long number) => ref _keys[(int)number & (_keys.Length - 1)];
}
