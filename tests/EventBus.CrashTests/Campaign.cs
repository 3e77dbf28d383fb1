using System.Diagnostics;
using EventBus.CrashChild;
using EventBus.CrashTests.History;
using EventBus.CrashTests.Support;

namespace EventBus.CrashTests;

/// <summary>One file, and the processes that work on it one after the other: each is killed, the last one drains.</summary>
internal sealed class Campaign : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Entry> _history = [];
    private readonly Random _random;
    private int _lives;

    public Campaign(int seed)
    {
        Seed = seed;
        _random = new Random(seed);
    }

    public int Seed { get; }

    /// <summary>Where the processes died, in order.</summary>
    public List<string> Deaths { get; } = [];

    public IReadOnlyList<Entry> History => _history;

    /// <summary>A life that goes on where the one before was.</summary>
    public Life Next() => new()
    {
        File = _folder.File(),
        Next = [.. Enumerable.Range(0, 3).Select(publisher => 1 + Tried.Where(static name => !name.StartsWith(Reminder.Prefix, StringComparison.Ordinal))
            .Select(Fact.Parse).Where(fact => fact.Publisher == publisher).Select(static fact => fact.Number).DefaultIfEmpty(-1).Max())],
        NextReminder = 1 + Tried.Where(static name => name.StartsWith(Reminder.Prefix, StringComparison.Ordinal)).Select(static name => Reminder.Parse(name).Number).DefaultIfEmpty(-1).Max(),
        Again = [.. Unknown()],
        Redrives = _random.Next(2) == 0,
        ChecksIntegrity = _random.Next(4) == 0,
    };

    /// <summary>A life that dies at a point, or at a moment that nobody chose; a few stop as they should.</summary>
    public Task LiveAsync()
    {
        var life = Next() with { Events = _random.Next(4, 16), Hangs = _random.Next(8) == 0, Replays = _random.Next(3) == 0, IsLocked = _random.Next(4) == 0 };
        return _random.Next(10) switch
        {
            < 3 => LiveAsync(life with { DiesAt = Any(Points.OfAnyLife), DiesAtPassing = _random.Next(1, 6), DiesAfterMicroseconds = _random.Next(4000) }),
            < 5 => LiveAsync(life with { DiesAt = Any(Points.OfLaterLives), DiesAtPassing = _random.Next(1, 4), Redrives = true }),
            < 6 => LiveAsync(life with { DiesAt = Points.SometimeInCommit, DiesAtPassing = _random.Next(1, 40), DiesAfterMicroseconds = _random.Next(4000) }),
            < 9 => LiveAsync(life, killAfter: _random.Next(1, life.Events * 30)),
            _ => LiveAsync(life),
        };
    }

    public async Task LiveAsync(Life life, int killAfter = int.MaxValue)
    {
        using var child = Child.Start(life);
        var own = _lives++;
        var heard = 0;
        while (await child.ReadLineAsync() is { } line)
        {
            _history.Add(Entry.Parse(own, line));
            if (++heard == killAfter)
                child.Kill();
        }

        var code = await child.ExitAsync();
        var last = _history.Count > 0 && _history[^1].Life == own ? _history[^1] : null;
        if (code == Child.Killed)
            Deaths.Add(_history.FindLast(entry => entry.Life == own && entry.What == "died") is { } died ? string.Join(' ', died.Words) : "killed from outside");
        else if (code != 0 || last?.What != "stopped")
            throw new InvalidOperationException($"Life {own} of seed {Seed} ended with {code} after '{last}': {child.Error}");
    }

    /// <summary>The last life: nobody kills it, and it leaves nothing undone.</summary>
    /// <returns>What is wrong, in words.</returns>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        var before = Stopwatch.StartNew();
        await LiveAsync(Next() with { IsLast = true, Again = [] });
        Drained = before.Elapsed;
        return Checker.Check(_history, StoredFile.Read(_folder.File()));
    }

    public TimeSpan Drained { get; private set; }

    /// <summary>What a failure has to say so that it can be looked at.</summary>
    public string Report(IEnumerable<string> violations) =>
        $"Seed {Seed}, died at: {string.Join(" | ", Deaths)}\n{string.Join('\n', violations)}\n\nThe history:\n{string.Join('\n', _history)}";

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string> Tried => _history.Where(static entry => entry.What == "try").Select(static entry => entry.Event);

    // What has an id can be published again, and nobody need know whether it was accepted.
    private IEnumerable<string> Unknown() =>
        Tried.Distinct().Except(_history.Where(static entry => entry.What == "ack").Select(static entry => entry.Event))
            .Where(static name => name.StartsWith(Reminder.Prefix, StringComparison.Ordinal) ? Reminder.Parse(name).HasId : Fact.Parse(name).HasId);

    private string Any(IReadOnlyList<string> points) => points[_random.Next(points.Count)];
}
