using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Stamps events: a coarse time, and a number from the thread's own block, so that threads do not meet.</summary>
internal sealed class Stamper(Clock clock)
{
    private const int BlockSize = 256;
    private const long BlockLife = 8 * TimeSpan.TicksPerMillisecond;

    [ThreadStatic]
    private static Block? t_block;

    private long _lastBlock;

    public Stamp Next()
    {
        var now = clock.CoarseUtcTicks;
        var block = t_block;
        if (block is null || !ReferenceEquals(block.Owner, this) || block.Next == block.End || (ulong)(now - block.Since) > BlockLife)
            block = NextBlock(now);
        return new Stamp(now, block.Next++);
    }

    // Numbers come around again; a block that was kept for long could be given to another thread for the same millisecond.
    private Block NextBlock(long now)
    {
        var block = t_block ??= new Block();
        block.Owner = this;
        block.Since = now;
        block.Next = (Interlocked.Increment(ref _lastBlock) - 1) * BlockSize;
        block.End = block.Next + BlockSize;
        return block;
    }

    private sealed class Block
    {
        public Stamper? Owner;
        public long Since;
        public long Next;
        public long End;
    }
}
