using System.Numerics;
using EventBus.Events;

namespace EventBus.Queueing;

/// <summary>Numbered slots that are used again and again. Grows with what it has to hold, not with what it might.</summary>
internal sealed class Ring<T>
{
    private const int FirstLength = 32;

    private readonly QueuedEvent<T>[] _slots;

    public Ring()
        : this(FirstLength)
    {
    }

    private Ring(int length) => _slots = new QueuedEvent<T>[length];

    public int Length => _slots.Length;

    public ref QueuedEvent<T> this[long number] => ref _slots[(int)number & (_slots.Length - 1)];

    /// <summary>A ring of twice the length with the slots from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    public Ring<T> Grown(long from, long to)
    {
        var grown = new Ring<T>((int)BitOperations.RoundUpToPowerOf2((uint)_slots.Length * 2));
        for (var number = from; number < to; number++)
            grown[number] = this[number];
        return grown;
    }
}
