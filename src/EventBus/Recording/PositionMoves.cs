namespace EventBus.Recording;

/// <summary>Keeps what may be forgotten and what is about to be delivered again apart: events are removed by a bound that was read before, and a replay moves a
/// position back behind it in between.</summary>
/// <remarks>A replay announces itself before it reads where it goes to, and says when its move is written. A removal asks on the writer's thread, where moves are written too: between its
/// question and its transaction's end there is no move.</remarks>
internal sealed class PositionMoves
{
    private readonly object _gate = new();
    private readonly List<Announcement> _announced = [];
    private long _made;

    /// <summary>How many moves have been written. Read before the positions by which something is to be removed.</summary>
    public long Made => Volatile.Read(ref _made);

    /// <summary>A position is about to be moved; until it is known where to, anywhere.</summary>
    public Announcement Announce()
    {
        var announcement = new Announcement(this);
        lock (_gate)
            _announced.Add(announcement);
        return announcement;
    }

    /// <summary>Up to where may be removed what was to be removed up to a sequence. On the writer's thread.</summary>
    /// <param name="upTo">The bound, by positions that were read later than <paramref name="made"/>.</param>
    /// <param name="made">What <see cref="Made"/> was.</param>
    /// <returns>Nothing where a position was moved since: they have to be read again.</returns>
    public long? Bound(long upTo, long made)
    {
        if (made != Made)
            return null;
        lock (_gate)
        {
            foreach (var announcement in _announced)
                upTo = Math.Min(upTo, announcement.Position);
        }

        return upTo;
    }

    /// <summary>One that is under way.</summary>
    internal sealed class Announcement(PositionMoves moves) : IDisposable
    {
        private long _position;

        /// <summary>After which sequence it delivers again.</summary>
        public long Position
        {
            get => Volatile.Read(ref _position);
            set => Volatile.Write(ref _position, value);
        }

        /// <summary>It is being written. On the writer's thread.</summary>
        public void Made() => Interlocked.Increment(ref moves._made);

        public void Dispose()
        {
            lock (moves._gate)
                moves._announced.Remove(this);
        }
    }
}
