namespace EventBus.Timing;

/// <summary>The one door through which chance comes in: SplitMix64, seedable, safe from any thread.</summary>
/// <remarks>Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.</remarks>
internal sealed class Chance
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private long _state;

    public Chance(long? seed)
    {
#pragma warning disable RS0030 // This is the door.
        _state = seed ?? Random.Shared.NextInt64(long.MinValue, long.MaxValue);
#pragma warning restore RS0030
    }

    public ulong NextBits()
    {
        var z = (ulong)Interlocked.Add(ref _state, unchecked((long)Gamma));
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, but not including, 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1ul << 53));
}
