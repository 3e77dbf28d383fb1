using System.Collections.Concurrent;
using System.Globalization;
using EventBus.CrashChild;

namespace EventBus.CrashTests;

/// <summary>Processes that are killed with SIGKILL, and what a checker says of the history that they leave.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int KillsPerFile = 8;

    public static TheoryData<string> AnyLife { get; } = [.. Points.OfAnyLife];

    public static TheoryData<string> LaterLives { get; } = [.. Points.OfLaterLives];

    [Theory]
    [MemberData(nameof(AnyLife))]
    public async Task Nothing_is_lost_or_repeated_beyond_the_promise_by_a_death_at(string point)
    {
        using var campaign = new Campaign(seed: 1);
        await campaign.LiveAsync(campaign.Next() with { DiesAt = point, DiesAtPassing = point is Points.Opened or Points.Closing ? 1 : 3 });
        await campaign.LiveAsync(campaign.Next() with { DiesAt = point, DiesAtPassing = 1 });

        var violations = await campaign.EndAsync();

        Assert.Equal([point, point], campaign.Deaths);
        Assert.True(violations.Count == 0, campaign.Report(violations));
    }

    [Theory]
    [MemberData(nameof(LaterLives))]
    public async Task Nothing_is_lost_or_repeated_beyond_the_promise_by_a_death_after_a_death_at(string point)
    {
        using var campaign = new Campaign(seed: 1);
        await campaign.LiveAsync(campaign.Next() with { Redrives = false });
        await campaign.LiveAsync(campaign.Next() with { DiesAt = Points.EffectDone, DiesAtPassing = 20, Redrives = false });
        await campaign.LiveAsync(campaign.Next() with { DiesAt = point, Redrives = true });

        var violations = await campaign.EndAsync();

        Assert.Equal([Points.EffectDone, point], campaign.Deaths);
        Assert.True(violations.Count == 0, campaign.Report(violations));
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_work_repeats_nothing()
    {
        using var campaign = new Campaign(seed: 1);
        for (var stops = 0; stops < 4; stops++)
            await campaign.LiveAsync(campaign.Next() with { StopsEarly = true, Events = 30 });

        var violations = await campaign.EndAsync();

        Assert.Empty(campaign.Deaths);
        Assert.True(violations.Count == 0, campaign.Report(violations));
    }

    // Long form: EVENTBUS_CRASH_KILLS=2000, and EVENTBUS_CRASH_SEED to begin elsewhere.
    [Fact]
    public async Task Nothing_is_lost_or_repeated_beyond_the_promise_by_deaths_at_any_moment()
    {
        var kills = FromEnvironment("EVENTBUS_CRASH_KILLS") ?? 2 * KillsPerFile;
        var seed = FromEnvironment("EVENTBUS_CRASH_SEED") ?? 1;
        var campaigns = Enumerable.Range(seed, (kills + KillsPerFile - 1) / KillsPerFile);
        var figures = new Figures();
        var failures = new ConcurrentBag<string>();

        await Parallel.ForEachAsync(campaigns, async (own, _) =>
        {
            using var campaign = new Campaign(own);
            while (campaign.Deaths.Count < KillsPerFile)
                await campaign.LiveAsync();
            var violations = await campaign.EndAsync();
            figures.Add(campaign);
            if (violations.Count > 0)
                failures.Add(campaign.Report(violations));
        });

        output.WriteLine(figures.ToString());
        if (Environment.GetEnvironmentVariable("EVENTBUS_CRASH_FIGURES") is { Length: > 0 } file)
            await File.WriteAllTextAsync(file, figures + "\n" + string.Join("\n\n", failures));
        Assert.True(failures.IsEmpty, $"{failures.Count} of {campaigns.Count()} files are wrong. {failures.FirstOrDefault()}");
    }

    private static int? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
