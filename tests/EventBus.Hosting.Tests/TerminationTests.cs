using EventBus.HostChild;
using EventBus.Hosting.Tests.Support;

namespace EventBus.Hosting.Tests;

/// <summary>A real process under load, which is sent a real SIGTERM.</summary>
public sealed class TerminationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbus-host-");

    public TerminationTests()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("There is no SIGTERM on Windows.");
    }

    private string File => Path.Combine(_folder.FullName, "events.db");

    [Fact]
    public async Task The_receipts_numbers_add_up_to_what_was_accepted_and_durable_work_goes_on_after_the_restart()
    {
        var accepted = new HashSet<int>();
        var handled = new HashSet<int>();

        // Two lives under load, in which some events fail as long as the process lives; then one in which nothing is published.
        var left = 0L;
        for (var life = 0; life < 2; life++)
        {
            using var child = ChildHost.Start(new Life { File = File, From = life * 1_000_000, Publishers = 4, SomeFail = true });
            var lines = await child.ReadAsync(static line => line == "under load");
            child.AskToStop();
            lines.AddRange(await child.ReadAsync(static _ => false));

            Assert.Equal(0, await child.ExitAsync());
            Assert.Equal("ended", lines[^1]);
            left = AssertAddsUp(lines, left);
            accepted.UnionWith(Numbers(lines, "accepted-stored"));
            handled.UnionWith(Numbers(lines, "handled-stored"));
        }

        Assert.NotEmpty(accepted.Except(handled));
        using (var last = ChildHost.Start(new Life { File = File }))
        {
            await last.ReadAsync(line =>
            {
                handled.UnionWith(Numbers([line], "handled-stored"));
                return accepted.IsSubsetOf(handled);
            });
            last.AskToStop();
            handled.UnionWith(Numbers(await last.ReadAsync(static _ => false), "handled-stored"));

            Assert.Equal(0, await last.ExitAsync());
        }

        Assert.Equal(accepted.Order(), handled.Order());
    }

    [Fact]
    public async Task A_handler_that_never_returns_does_not_keep_the_process()
    {
        using var child = ChildHost.Start(new Life { File = File, From = 1, Publishers = 1, OneHangs = true, StopLimit = TimeSpan.FromSeconds(1) });
        var lines = await child.ReadAsync(static line => line == "under load");

        child.AskToStop();
        lines.AddRange(await child.ReadAsync(static _ => false));

        Assert.Equal(0, await child.ExitAsync());
        AssertAddsUp(lines);
        Assert.Equal(1, Receipt(lines, "queued").Abandoned);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <param name="lines">What the process said.</param>
    /// <param name="before">What the process before it had left in the log.</param>
    /// <returns>What it has left there itself.</returns>
    private static long AssertAddsUp(List<string> lines, long before = 0)
    {
        var accepted = lines.Single(static line => line.StartsWith("accepted ", StringComparison.Ordinal)).Split(' ');
        var queued = Receipt(lines, "queued");
        var stored = Receipt(lines, "stored");

        Assert.Equal(long.Parse(accepted[1]), queued.Accepted);
        Assert.Equal(queued.Accepted, queued.Settled + queued.Abandoned);
        Assert.Equal(before + long.Parse(accepted[2]), stored.Accepted + stored.Lag);
        Assert.Equal(stored.Accepted, stored.Settled + stored.Kept);
        Assert.Equal(Numbers(lines, "handled-stored").Count(), stored.Handled);
        return stored.Kept + stored.Lag;
    }

    private static (long Accepted, long Settled, long Abandoned, long Kept, long Lag, long Handled) Receipt(List<string> lines, string subscription)
    {
        var numbers = lines.Single(line => line.StartsWith($"receipt {subscription} ", StringComparison.Ordinal)).Split(' ')[2..].Select(long.Parse).ToArray();
        return (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }

    private static IEnumerable<int> Numbers(IEnumerable<string> lines, string kind) =>
        lines.Where(line => line.StartsWith($"{kind} ", StringComparison.Ordinal)).Select(static line => int.Parse(line.Split(' ')[1]));
}
