namespace EventBus.Testing;

/// <summary>The steps of one seeded run, in the order in which they ran. The same seed and the same test give the same steps, in every process.</summary>
public sealed class InterleavingTrace
{
    private readonly List<string> _names = [];
    private readonly List<(int Chosen, int Of)> _choices = [];

    internal InterleavingTrace(long seed) => Seed = seed;

    /// <summary>The seed of the run.</summary>
    public long Seed { get; }

    /// <summary>How many steps there were.</summary>
    public int Count => _names.Count;

    /// <summary>Each step in words: which of those that could run it was, and what it did, for example <c>2 of 3: worker 0 of 'reserve-stock'</c>.</summary>
    public IReadOnlyList<string> Steps => ToLines(0);

    /// <summary>All steps, a line for each.</summary>
    public override string ToString() => string.Join(Environment.NewLine, ToLines(0));

    internal void Add(string name, int chosen, int of)
    {
        _names.Add(name);
        _choices.Add((chosen, of));
    }

    /// <summary>The latest steps, a line for each.</summary>
    internal IEnumerable<string> Last(int count) => ToLines(Math.Max(0, Count - count));

    private List<string> ToLines(int from)
    {
        var lines = new List<string>(Count - from);
        for (var i = from; i < Count; i++)
            lines.Add($"{_choices[i].Chosen + 1} of {_choices[i].Of}: {_names[i]}");
        return lines;
    }
}
