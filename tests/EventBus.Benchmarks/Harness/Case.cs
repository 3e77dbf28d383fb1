namespace EventBus.Benchmarks.Harness;

/// <summary>One line of the table: a limit, ours, and the goal.</summary>
internal sealed record Case(string Name, string LimitName, Goal Goal, Func<Contender> Limit, Func<Contender> Ours)
{
    /// <summary>Events of one round.</summary>
    public int Events { get; init; } = 200_000;

    /// <summary>Rounds of each side.</summary>
    public int Rounds { get; init; } = 15;

    /// <summary>Small rounds of each side before, so that the compiler has seen and rewritten everything.</summary>
    public int WarmUps { get; init; } = 60;

    /// <summary>Events of a small round.</summary>
    public int WarmUpEvents { get; init; } = 4_000;

    /// <summary>Measures limit, ours, limit, ours, and so on.</summary>
    public async Task<Measurement> MeasureAsync()
    {
        await using var limit = Limit();
        await using var ours = Ours();
        await WarmUpAsync(limit, ours);
        var limits = new List<Sample>();
        var our = new List<Sample>();
        for (var round = 0; round < Rounds; round++)
        {
            limits.Add(await limit.MeasureAsync(Events));
            our.Add(await ours.MeasureAsync(Events));
        }

        return new(Median.Of(limits), Median.Of(our));
    }

    private async Task WarmUpAsync(Contender limit, Contender ours)
    {
        for (var round = 0; round < WarmUps; round++)
        {
            await limit.MeasureAsync(WarmUpEvents);
            await ours.MeasureAsync(WarmUpEvents);
            // The compiler works in the background, when it has not been asked for anything for 100 ms.
            if (round % (1 + (WarmUps / 3)) == WarmUps / 3)
                await Task.Delay(150);
        }

        if (WarmUps == 0)
            return;
        await limit.MeasureAsync(Events);
        await ours.MeasureAsync(Events);
    }
}
