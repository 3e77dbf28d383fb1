using System.Globalization;

namespace EventBus.CrashTests.History;

/// <summary>Judges in which order one subscription handled the events of one key, over all its processes. Pure.</summary>
/// <remarks>All handlings count, the repeated ones too: whoever keeps the newest value by key is wrong as soon as an older event comes after it.</remarks>
internal static class KeyOrder
{
    /// <param name="handlings">All handlings of the key, in the order of their effects. Without those of events that have left their order: dead-lettered, expired, filtered,
    /// purged, redriven.</param>
    /// <param name="newest">The sequence of the newest event of the key that has not left its order; nothing if it is not known.</param>
    /// <returns>What is wrong, in words.</returns>
    public static IEnumerable<string> Check(IReadOnlyList<KeyHandling> handlings, long? newest = null)
    {
        foreach (var judged in handlings.GroupBy(static handling => (handling.Life, handling.Judgement)))
        {
            foreach (var (earlier, later) in judged.Zip(judged.Skip(1)).Where(static pair => pair.First.Sequence > pair.Second.Sequence))
                yield return $"went back in one life: '{earlier}' and then '{later}'";
        }

        if (handlings.Count == 0)
            yield break;
        var last = handlings[^1];
        var expected = newest ?? handlings.Max(static handling => handling.Sequence);
        if (last.Sequence != expected)
            yield return $"was left at '{last}', and its newest event is {expected.ToString(CultureInfo.InvariantCulture)}";
    }
}

/// <summary>One effect of a handler.</summary>
/// <param name="Life">The process that had it.</param>
/// <param name="Sequence">The event's number in the log.</param>
/// <param name="Judgement">Within a life a replay begins a new one: after it the past comes again.</param>
/// <param name="Text">For people to read.</param>
internal sealed record KeyHandling(int Life, long Sequence, int Judgement = 0, string Text = "")
{
    public override string ToString() => Text.Length > 0 ? Text : $"{Life}: {Sequence}";
}
