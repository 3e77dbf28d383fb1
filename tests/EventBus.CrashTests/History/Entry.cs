using System.Globalization;

namespace EventBus.CrashTests.History;

/// <summary>One line that a process has said.</summary>
/// <param name="Life">Which process, from 0.</param>
/// <param name="What">The first word.</param>
/// <param name="Words">The others.</param>
internal sealed record Entry(int Life, string What, IReadOnlyList<string> Words)
{
    /// <summary>Of a handled delivery: who handled it.</summary>
    public string Subscription => Words[0];

    /// <summary>The event's name.</summary>
    public string Event => What is "handled" or "completed" ? Words[1] : Words[0];

    public long Sequence => long.Parse(Words[2], CultureInfo.InvariantCulture);

    /// <summary>Of a handled delivery: whether it was given as one that had been given before.</summary>
    public bool IsReplay => Words is [_, _, _, _, "replay"];

    public static Entry Parse(int life, string line)
    {
        var words = line.Split(' ');
        return new(life, words[0], words[1..]);
    }

    public override string ToString() => $"{Life}: {What} {string.Join(' ', Words)}";
}
