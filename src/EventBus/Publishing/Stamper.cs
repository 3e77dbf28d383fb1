using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Stamps events: a coarse time, and a number from the thread's own block, so that threads do not meet.</summary>
#pragma warning disable CA1001 // The blocks' slots are given back when the stamper is collected.
internal sealed class Stamper(Clock clock)
#pragma warning restore CA1001
{
    private const int BlockSize = 256;
    private const long BlockLife = 8 * TimeSpan.TicksPerMillisecond;

    // Half of the numbers are for the time after the wall clock was set back, and the other half again after the next time: the same
    // hour comes twice, and its numbers must not.
    private const long Half = 1 << (Stamp.NumberBits - 1);
    private const long SetBack = TimeSpan.TicksPerSecond;

    [ThreadStatic]
    private static Block? t_block;

    // A thread that publishes to several buses has a block of each. With a new one at every change of bus the numbers would come
    // around within one step of the coarse clock.
    private readonly ThreadLocal<Block> _ofThread = new();

    // Its blocks know it by this, so that a thread that outlives it does not keep it alive.
    private readonly object _identity = new();

    private readonly object _gate = new();
    private long _blocks;
    private long _latest;
    private bool _secondHalf;

    public Stamp Next()
    {
        var now = clock.CoarseUtcTicks;
        var block = t_block;
        if (block is null || !ReferenceEquals(block.Owner, _identity) || block.Next == block.End || (ulong)(now - block.Since) > BlockLife)
            block = NextBlock(now);
        return new Stamp(now, block.Next++);
    }

    // Numbers come around again; a block that was kept for long could be given to another thread for the same millisecond.
    private Block NextBlock(long now)
    {
        var block = t_block = _ofThread.Value ??= new Block(_identity);
        if (block.Next != block.End && (ulong)(now - block.Since) <= BlockLife)
            return block;
        block.Since = now;
        lock (_gate)
        {
            if (now < _latest - SetBack)
            {
                _secondHalf = !_secondHalf;
                _latest = now;
            }

            _latest = Math.Max(_latest, now);
            block.Next = (_blocks++ * BlockSize % Half) + (_secondHalf ? Half : 0);
        }

        block.End = block.Next + BlockSize;
        return block;
    }

    private sealed class Block(object owner)
    {
        public readonly object Owner = owner;
        public long Since;
        public long Next;
        public long End;
    }
}
