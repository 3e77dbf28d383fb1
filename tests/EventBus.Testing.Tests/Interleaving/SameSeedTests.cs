using System.Diagnostics;
using EventBus.Testing.Tests.Interleaving.Support;

namespace EventBus.Testing.Tests.Interleaving;

/// <summary>What a seed decides, it decides again.</summary>
public sealed class SameSeedTests
{
    private const string TraceTo = "EVENTBUS_TESTS_TRACE_TO";
    private const long Seed = 4711;

    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task The_same_seed_gives_the_same_steps_and_the_same_results()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var (first, diary) = await LiveAsync(seed);
            var (again, sameDiary) = await LiveAsync(seed);

            Assert.Equal(first.Steps, again.Steps);
            Assert.Equal(diary, sameDiary);
        }
    }

    [Fact]
    public async Task Different_seeds_give_different_interleavings()
    {
        var diaries = new HashSet<string>();
        for (var seed = 1; seed <= 50; seed++)
            diaries.Add(string.Join(" ", (await LiveAsync(seed)).Diary));

        Assert.Equal(50, diaries.Count);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_steps_in_another_process()
    {
        var path = Path.GetTempFileName();
        try
        {
            await RunAloneAsync(nameof(Writes_its_steps_where_it_is_told), path);

            var (trace, diary) = await LiveAsync(Seed);
            var written = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(diary.Concat(trace.Steps), written);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The other process of the test above; here it only runs.</summary>
    [Fact]
    public async Task Writes_its_steps_where_it_is_told()
    {
        var (trace, diary) = await LiveAsync(Seed);

        if (Environment.GetEnvironmentVariable(TraceTo) is { } path)
            await File.WriteAllLinesAsync(path, [.. diary, .. trace.Steps], TestContext.Current.CancellationToken);
        Assert.NotEmpty(trace.Steps);
    }

    private static async Task<(InterleavingTrace Trace, IReadOnlyList<string> Diary)> LiveAsync(long seed)
    {
        IReadOnlyList<string>? diary = null;
        var trace = await Interleavings.ReplayAsync(seed, async run =>
        {
            var day = new BusyDay(run);
            await day.LiveAsync();
            diary = day.Diary;
        }).WaitAsync(s_safetyNet);
        return (trace, diary!);
    }

    private static async Task RunAloneAsync(string test, string path)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SameSeedTests).Assembly.Location, "-method", $"{typeof(SameSeedTests).FullName}.{test}"])
        {
            RedirectStandardOutput = true,
            Environment = { [TraceTo] = path },
        };
        using var process = Process.Start(start)!; // It is started, not found running.
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(s_safetyNet);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_safetyNet);
        Assert.True(process.ExitCode == 0, output);
    }
}
