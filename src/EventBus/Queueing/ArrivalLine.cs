using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>What has come in and stands in the order in which it came, and the worker that takes from it.</summary>
/// <remarks>As long as one worker is enough and nothing is parked, the order of arrival is every key's order, and no lane is
/// needed. Where a second worker comes, or a delivery is parked, all that is left goes to the lanes.</remarks>
internal sealed class ArrivalLine<TKey, T>
{
#pragma warning disable CS0169, CA1823, IDE0051 // Room to the neighbours: publishers write to theirs all the time.
    private readonly Padding _before;
    private Ring<T> _events = new();
    private KeySlot<TKey>[] _keys = [];
    private long _end;

    /// <summary>The first that has not been read.</summary>
    public long Next { get; private set; }

    public bool IsEmpty => Next == _end;

    /// <summary>Who has a delivery of it in hand.</summary>
    public Worker<T>? Worker;

    /// <summary>That delivery's key.</summary>
    public KeySlot<TKey> Key;

    private readonly Padding _after;
#pragma warning restore CS0169, CA1823, IDE0051

    public void Reset(Ring<T> events, KeySlot<TKey>[] keys, long next, long end)
    {
        _events = events;
        _keys = keys;
        Next = next;
        _end = end;
    }

    public void Read(out QueuedEvent<T> @event, out KeySlot<TKey> key)
    {
        ref var slot = ref _keys[(int)Next & (_keys.Length - 1)];
        key = slot;
        slot = default;
        _events.Take(Next++, out @event);
    }
}
