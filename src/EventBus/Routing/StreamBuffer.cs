using System.Diagnostics.CodeAnalysis;

namespace EventBus.Routing;

/// <summary>What waits for a stream's reader, and what the reader has missed. Not thread-safe.</summary>
internal sealed class StreamBuffer<T>(int capacity)
{
    private readonly Queue<(T Item, long Missed)> _items = new();
    private long _missedBeforeFirst;
    private long _missedAfterLast;

    public int Count => _items.Count;

    public int Room => capacity - _items.Count;

    /// <summary>Puts an item into room that there is.</summary>
    public void Add(in T item)
    {
        _items.Enqueue((item, _missedAfterLast));
        _missedAfterLast = 0;
    }

    /// <summary>Takes out the item that has waited longest, for the reader never to see.</summary>
    public T DropOldest()
    {
        var (item, missed) = _items.Dequeue();
        _missedBeforeFirst += missed + 1;
        return item;
    }

    /// <summary>Notes that an item is not put in.</summary>
    public void MissNewest() => _missedAfterLast++;

    /// <summary>Notes what the reader has missed where the item that was taken last did not get to it.</summary>
    public void MissBeforeFirst(long missed) => _missedBeforeFirst += missed;

    /// <param name="item">The item that has waited longest.</param>
    /// <param name="missed">How many the reader has missed right before it.</param>
    public bool TryTake([MaybeNullWhen(false)] out T item, out long missed)
    {
        if (!_items.TryDequeue(out var first))
        {
            item = default;
            missed = 0;
            return false;
        }

        item = first.Item;
        missed = first.Missed + _missedBeforeFirst;
        _missedBeforeFirst = 0;
        return true;
    }

    /// <returns>How many were thrown away.</returns>
    public int Clear()
    {
        var count = _items.Count;
        _items.Clear();
        return count;
    }
}
