using EventBus.Timing;

namespace EventBus.Testing.Interleaving;

/// <summary>Says which of the steps that can run is the next. Pure: a seed always gives the same answers to the same questions.</summary>
/// <remarks>To draw evenly hardly ever lets one go far ahead of the others. So a third of the seeds lean to what could run last, which lets one go on and the others
/// starve, and a third to what could run first, which lets all take turns.</remarks>
internal sealed class Choice
{
    private const double Leaning = 0.8;

    private readonly Chance _chance;
    private readonly int _lean;

    public Choice(long seed)
    {
        _chance = new Chance(seed);
        _lean = Below(3);
    }

    /// <param name="count">How many steps can run; the last of them is the one that could run last.</param>
    public int Next(int count)
    {
        if (count == 1)
            return 0;
        if (_lean == 0 || _chance.NextDouble() >= Leaning)
            return Below(count);
        return _lean == 1 ? count - 1 : 0;
    }

    private int Below(int count) => (int)((_chance.NextBits() >> 32) * (ulong)count >> 32);
}
