namespace EventBus.Events;

/// <summary>When an event was published, and which of the bus's events of that millisecond it is. Its id and its time follow from
/// this alone.</summary>
/// <remarks>One word, because it travels with every event: 42 bits of Unix milliseconds, which last until the year 2109, and 21 bits
/// of number. A bus would have to publish a million events in a few milliseconds to give a pair twice, or live through one moment
/// three times, on a clock that is set back twice.</remarks>
internal readonly struct Stamp
{
    public const int NumberBits = 21;

    private const ulong NumberMask = (1ul << NumberBits) - 1;
    private const ulong MaxMilliseconds = (1ul << 42) - 1;

    private Stamp(ulong bits) => Bits = bits;

    /// <param name="utcTicks">The time of publishing, to the resolution of a cheap clock.</param>
    /// <param name="number">Grows on each thread.</param>
    public Stamp(long utcTicks, long number)
    {
        var milliseconds = Math.Max(0, utcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        Bits = (Math.Min((ulong)milliseconds, MaxMilliseconds) << NumberBits) | ((ulong)number & NumberMask);
    }

    /// <summary>The stamp as a word; its highest bit is never set.</summary>
    public ulong Bits { get; }

    public long Milliseconds => (long)(Bits >> NumberBits);

    public int Number => (int)(Bits & NumberMask);

    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddMilliseconds(Milliseconds);

    public static Stamp FromBits(ulong bits) => new(bits);
}
