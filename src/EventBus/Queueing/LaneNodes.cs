using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>Places for the events in the lanes, used again and again. Guarded by the lock of the lanes.</summary>
/// <param name="maxSpare">How many are kept: as many as may be in use, so that a steady load allocates nothing.</param>
internal sealed class LaneNodes<T>(int maxSpare)
{
    private LaneNode<T>? _spare;
    private int _spares;
    private long _lastNumber;

    public LaneNode<T> Rent(in QueuedEvent<T> @event)
    {
        var node = _spare ?? new LaneNode<T>();
        if (_spare is not null)
        {
            _spare = node.Next;
            _spares--;
            node.Next = null;
        }

        node.Event = @event;
        node.Number = ++_lastNumber;
        return node;
    }

    public QueuedEvent<T> Return(LaneNode<T> node)
    {
        var @event = node.Event;
        node.Event = default;
        node.Lane = null;
        if (_spares < maxSpare)
        {
            node.Next = _spare;
            _spare = node;
            _spares++;
        }

        return @event;
    }
}
