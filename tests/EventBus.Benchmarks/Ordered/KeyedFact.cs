namespace EventBus.Benchmarks.Ordered;

internal sealed record KeyedFact(int Key);

/// <summary>Which keys come in which order: drawn once, the same for both sides.</summary>
internal sealed class KeySequence
{
    public const int Keys = 10_000;
    private const int Length = 1 << 20;
    private const int HotKey = 4_711;

    private readonly KeyedFact[] _facts = [.. Enumerable.Range(0, Keys).Select(static key => new KeyedFact(key))];
    private readonly ushort[] _keys = new ushort[Length];

    public KeySequence(double shareOfHotKey)
    {
        var random = new Random(20_101_201);
        for (var i = 0; i < Length; i++)
            _keys[i] = (ushort)(random.NextDouble() < shareOfHotKey ? HotKey : random.Next(Keys));
    }

    public KeyedFact this[int index] => _facts[_keys[index & (Length - 1)]];
}
