using EventBus.Storage;

namespace EventBus.Idempotency;

/// <summary>Completed deliveries in the order in which they were completed, found by their keys' hash. Guarded by its owner's lock.</summary>
/// <remarks>
/// A ring of slots, and for each hash the newest slot of it, from which each slot leads to the one before. A chain gets only
/// older, so whatever is older than the oldest that is kept ends it: forgetting moves one number and unlinks nothing, which
/// leaves the memory of a hundred thousand entries alone. A search by chains in a window; compare J. Ziv, A. Lempel, "A Universal
/// Algorithm for Sequential Data Compression", IEEE Transactions on Information Theory 23, 1977, as its implementations search.
/// </remarks>
internal sealed class CompletedLog(int capacity)
{
    private const int FirstLength = 16;

    private Slot[] _slots = new Slot[FirstLength];
    private uint[] _newest = new uint[FirstLength];
    private uint _next = 1;

    public int Count { get; private set; }

    public bool Contains(in IdempotencyKey key, int hash, long now)
    {
        uint age = 0;
        for (var number = _newest[hash & (_newest.Length - 1)]; ; number = SlotOf(number).Older)
        {
            var older = _next - number;
            if (older <= age || older > Count)
                return false;
            age = older;
            ref var slot = ref SlotOf(number);
            if (slot.Hash == hash && slot.Until > now && slot.Key == key)
                return true;
        }
    }

    /// <summary>Adds a delivery and forgets what is over, and what there is no room for.</summary>
    /// <returns>How many were forgotten before their time.</returns>
    public int Add(in IdempotencyKey key, int hash, long until, long now)
    {
        if (Count == _slots.Length)
            Grow();
        Put(new() { Key = key, Hash = hash, Until = until });
        Count++;

        var early = 0;
        while (Count > 0 && (SlotOf(_next - (uint)Count).Until <= now || Count > capacity))
        {
            ref var oldest = ref SlotOf(_next - (uint)Count);
            if (oldest.Until > now)
                early++;
            oldest = default;
            Count--;
        }

        return early;
    }

    private ref Slot SlotOf(uint number) => ref _slots[number & (uint)(_slots.Length - 1)];

    private void Put(in Slot slot)
    {
        ref var newest = ref _newest[slot.Hash & (_newest.Length - 1)];
        ref var place = ref SlotOf(_next);
        place = slot;
        place.Older = newest;
        newest = _next++;
    }

    private void Grow()
    {
        var kept = new Slot[Count];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = SlotOf(_next - (uint)(Count - i));
        _slots = new Slot[_slots.Length * 2];
        _newest = new uint[_slots.Length];
        foreach (var slot in kept)
            Put(slot);
    }

    private struct Slot
    {
        public IdempotencyKey Key;
        public long Until;
        public int Hash;
        public uint Older;
    }
}
