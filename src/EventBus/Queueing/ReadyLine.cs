namespace EventBus.Queueing;

/// <summary>The lanes that may run, in the order in which they became so. Guarded by the lock of the lanes.</summary>
internal sealed class ReadyLine<TKey, T>
{
    private Lane<TKey, T>? _last;
    private int _count;

    /// <summary>How many; may be read without the lock, as a hint.</summary>
    public int Count => Volatile.Read(ref _count);

    public Lane<TKey, T>? First { get; private set; }

    public void Push(Lane<TKey, T> lane)
    {
        lane.State = LaneState.Ready;
        lane.InReady = null;
        if (_last is null)
            First = lane;
        else
            _last.InReady = lane;
        _last = lane;
        Volatile.Write(ref _count, _count + 1);
    }

    public Lane<TKey, T>? Pop()
    {
        var lane = First;
        if (lane is null)
            return null;
        First = lane.InReady;
        if (First is null)
            _last = null;
        lane.InReady = null;
        Volatile.Write(ref _count, _count - 1);
        return lane;
    }
}
