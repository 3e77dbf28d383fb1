using EventBus.Events;
using EventBus.Timing;

namespace EventBus.Publishing;

/// <summary>Stamps events: a coarse time, and a number from the thread's own block, so that threads do not meet.</summary>
internal sealed class Stamper(Clock clock)
{
    private const int BlockSize = 1024;

    [ThreadStatic]
    private static Block? t_block;

    private long _lastBlock;

    public Stamp Next()
    {
        var block = t_block;
        if (block is null || !ReferenceEquals(block.Owner, this) || block.Next == block.End)
            block = NextBlock();
        return new Stamp(clock.CoarseUtcTicks, block.Next++);
    }

    private Block NextBlock()
    {
        var block = t_block ??= new Block();
        block.Owner = this;
        block.Next = (Interlocked.Increment(ref _lastBlock) - 1) * BlockSize;
        block.End = block.Next + BlockSize;
        return block;
    }

    private sealed class Block
    {
        public Stamper? Owner;
        public long Next;
        public long End;
    }
}
