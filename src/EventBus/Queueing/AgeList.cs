namespace EventBus.Queueing;

/// <summary>Everything that waits in a queue's lanes, from the oldest on. Kept only where the oldest may have to be dropped; guarded
/// by the lock of the lanes.</summary>
internal sealed class AgeList<T>
{
    private LaneNode<T>? _youngest;

    public LaneNode<T>? Oldest { get; private set; }

    public void Add(LaneNode<T> node)
    {
        node.Older = _youngest;
        node.Younger = null;
        if (_youngest is null)
            Oldest = node;
        else
            _youngest.Younger = node;
        _youngest = node;
    }

    public void Remove(LaneNode<T> node)
    {
        if (node.Older is null)
            Oldest = node.Younger;
        else
            node.Older.Younger = node.Younger;
        if (node.Younger is null)
            _youngest = node.Older;
        else
            node.Younger.Older = node.Older;
        node.Older = node.Younger = null;
    }
}
