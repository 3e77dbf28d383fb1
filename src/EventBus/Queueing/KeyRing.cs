namespace EventBus.Queueing;

/// <summary>The keys of the events in an entrance's ring, by the same numbers: read once, by the publisher.</summary>
internal sealed class KeyRing<TKey>(int length)
{
    private readonly KeySlot<TKey>[] _slots = new KeySlot<TKey>[length];

    public int Length => _slots.Length;

    public ref KeySlot<TKey> this[long number] => ref _slots[(int)number & (_slots.Length - 1)];

    /// <summary>A longer ring with the keys from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    public KeyRing<TKey> Grown(int length, long from, long to)
    {
        var grown = new KeyRing<TKey>(length);
        for (var number = from; number < to; number++)
            grown[number] = this[number];
        return grown;
    }
}

/// <summary>An event's key, if it has one, and the key's hash.</summary>
internal readonly record struct KeySlot<TKey>(bool IsKeyed, TKey Key, int Hash);
