using System.Runtime.CompilerServices;
using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>Numbered slots that are used again and again. Grows with what it has to hold, not with what it might.</summary>
/// <remarks>What a slot holds travels from the publisher's processor to the worker's, so the smaller it is, the faster the
/// queue. An event that is an object takes two words: itself and its stamp. Where it has details, they stand in its place
/// and bring it along.</remarks>
internal sealed class Ring<T>
{
    private const int FirstLength = 32;
    private const ulong HasDetails = 1ul << 63;

    private readonly Slot[]? _slots;
    private readonly QueuedEvent<T>[]? _structs;

    public Ring()
        : this(FirstLength)
    {
    }

    private Ring(int length)
    {
        Length = length;
        if (typeof(T).IsValueType)
            _structs = new QueuedEvent<T>[length];
        else
            _slots = new Slot[length];
    }

    public int Length { get; }

    public void Put(long number, in QueuedEvent<T> queued)
    {
        if (typeof(T).IsValueType)
        {
            _structs![(int)number & (_structs.Length - 1)] = queued;
            return;
        }

        ref var slot = ref _slots![(int)number & (_slots.Length - 1)];
        if (queued.Details is { } details)
        {
            details.Event = queued.Event;
            slot.Item = details;
            slot.Stamp = queued.Stamp.Bits | HasDetails;
        }
        else
        {
            slot.Item = queued.Event;
            slot.Stamp = queued.Stamp.Bits;
        }
    }

    public QueuedEvent<T> Peek(long number)
    {
        if (typeof(T).IsValueType)
            return _structs![(int)number & (_structs.Length - 1)];
        return Read(_slots![(int)number & (_slots.Length - 1)]);
    }

    public void Take(long number, out QueuedEvent<T> queued)
    {
        if (typeof(T).IsValueType)
        {
            ref var place = ref _structs![(int)number & (_structs.Length - 1)];
            queued = place;
            place = default;
            return;
        }

        ref var slot = ref _slots![(int)number & (_slots.Length - 1)];
        queued = Read(slot);
        slot.Item = null;
    }

    /// <summary>A ring of twice the length with the slots from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    public Ring<T> Grown(long from, long to)
    {
        var grown = new Ring<T>(Length * 2);
        for (var number = from; number < to; number++)
            grown.Put(number, Peek(number));
        return grown;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static QueuedEvent<T> Read(in Slot slot)
    {
        if ((slot.Stamp & HasDetails) == 0)
            return new(Unsafe.As<object?, T>(ref Unsafe.AsRef(in slot.Item)), Stamp.FromBits(slot.Stamp), null);
        var details = Unsafe.As<EventDetails>(slot.Item)!;
        return new((T)details.Event!, Stamp.FromBits(slot.Stamp & ~HasDetails), details);
    }

    private struct Slot
    {
        public object? Item;
        public ulong Stamp;
    }
}
