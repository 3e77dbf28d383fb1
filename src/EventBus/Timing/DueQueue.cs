namespace EventBus.Timing;

/// <summary>A binary heap by due time, with removal from anywhere. Pure: it starts nothing and reads no clock.</summary>
internal sealed class DueQueue
{
    private DueItem[] _items = new DueItem[16];
    private long _order;

    public int Count { get; private set; }

    /// <summary>What waits, in no particular order.</summary>
    public IEnumerable<DueItem> Items => new ArraySegment<DueItem>(_items, 0, Count);

    public DueItem? First => Count == 0 ? null : _items[0];

    /// <summary>Adds an item. One that waits already is moved: twice in the heap it could never be taken out of it.</summary>
    public void Add(DueItem item, long dueAt)
    {
        Remove(item);
        if (Count == _items.Length)
            Array.Resize(ref _items, Count * 2);
        item.DueAt = dueAt;
        item.Order = _order++;
        Place(item, Count++);
        Rise(item);
    }

    public bool Remove(DueItem item)
    {
        var position = item.Position;
        if (position < 0)
            return false;
        var last = _items[--Count];
        _items[Count] = null!;
        if (!ReferenceEquals(last, item))
        {
            Place(last, position);
            Rise(last);
            Sink(last);
        }

        item.Position = -1;
        return true;
    }

    /// <summary>Takes the first item if it is due.</summary>
    public DueItem? TakeDue(long now)
    {
        if (Count == 0 || _items[0].DueAt > now)
            return null;
        var first = _items[0];
        Remove(first);
        return first;
    }

    private static bool IsBefore(DueItem a, DueItem b) => a.DueAt != b.DueAt ? a.DueAt < b.DueAt : a.Order < b.Order;

    private void Place(DueItem item, int position)
    {
        _items[position] = item;
        item.Position = position;
    }

    private void Rise(DueItem item)
    {
        var position = item.Position;
        while (position > 0 && _items[(position - 1) / 2] is var parent && IsBefore(item, parent))
        {
            Place(parent, position);
            position = (position - 1) / 2;
        }

        Place(item, position);
    }

    private void Sink(DueItem item)
    {
        var position = item.Position;
        while (true)
        {
            var child = (position * 2) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && IsBefore(_items[child + 1], _items[child]))
                child++;
            if (!IsBefore(_items[child], item))
                break;
            Place(_items[child], position);
            position = child;
        }

        Place(item, position);
    }
}
