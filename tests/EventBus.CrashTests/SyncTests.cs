using System.Diagnostics;
using EventBus.CrashChild;
using EventBus.CrashTests.History;
using EventBus.CrashTests.Support;

namespace EventBus.CrashTests;

/// <summary>What reaches the disk, and what happens when the disk says no: seen and done by strace between the process and the kernel.</summary>
public sealed class SyncTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_acknowledged_publish_was_synced_to_the_disk_before()
    {
        RequireStrace();
        var trace = _folder.File("trace");
        using var child = Child.Start(
            new Life { File = _folder.File(), Does = Deed.Publish }, "strace", "-f", "-qq", "-o", trace, "-e", "trace=write,fsync,fdatasync", "-s", "64", "--");
        await child.ReadToAsync("started");
        child.Say("publish 0 50");
        var lines = await child.ReadToAsync("did");
        child.Finish();
        Assert.Equal(0, await child.ExitAsync());

        Assert.Equal(50, lines.Count(static line => line.StartsWith("ack", StringComparison.Ordinal)));
        Assert.Empty(AcknowledgedWithoutSync(await File.ReadAllLinesAsync(trace), out var acknowledged));
        Assert.Equal(50, acknowledged);
    }

    [Fact]
    public async Task After_an_error_of_a_sync_nothing_is_acknowledged_any_more_and_what_was_is_there_after_a_restart()
    {
        RequireStrace();
        List<string> lines;
        using (var child = Child.Start(
            new Life { File = _folder.File(), Does = Deed.Publish },
            "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=20+", "--"))
        {
            await child.ReadToAsync("started");
            child.Say("publish 0 50");
            lines = await child.ReadToAsync("did");
            child.Finish();
            Assert.Equal(0, await child.ExitAsync());
        }

        var outcomes = lines.Where(static line => line.StartsWith("ack", StringComparison.Ordinal) || line.StartsWith("fail", StringComparison.Ordinal)).ToList();
        var acknowledged = outcomes.TakeWhile(static line => line.StartsWith("ack", StringComparison.Ordinal)).ToList();
        Assert.InRange(acknowledged.Count, 1, 49);
        Assert.All(outcomes.Skip(acknowledged.Count), static line => Assert.Contains("EventLogException final", line));
        Assert.Contains("The disk of the event log", outcomes[acknowledged.Count]);

        using var next = Child.Start(new Life { File = _folder.File(), Does = Deed.Publish });
        await next.ReadToAsync("started");
        next.Say("publish 0 50");
        Assert.Equal(50, (await next.ReadToAsync("did")).Count(static line => line.StartsWith("ack", StringComparison.Ordinal)));
        next.Finish();
        Assert.Equal(0, await next.ExitAsync());
        var stored = StoredFile.Read(_folder.File());
        Assert.Equal(Enumerable.Range(0, 50).Select(static number => $"1-{number}"), stored.Events.Select(static stored => stored.Name));
        Assert.Empty(stored.Damage);
    }

    public void Dispose() => _folder.Dispose();

    // One publisher: between the line that says that it tries and the line that says that it is acknowledged there is a sync that succeeded, begin and end.
    private static List<string> AcknowledgedWithoutSync(IEnumerable<string> trace, out int acknowledged)
    {
        var without = new List<string>();
        var begun = new HashSet<string>();
        var isSynced = false;
        acknowledged = 0;
        foreach (var line in trace)
        {
            var thread = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            if (Says(line, "try "))
            {
                isSynced = false;
                begun.Clear();
            }
            else if (Says(line, "ack "))
            {
                acknowledged++;
                if (!isSynced)
                    without.Add(line);
            }
            else if (line.Contains("sync(", StringComparison.Ordinal) && line.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun.Add(thread);
            }
            else if (line.Contains("sync", StringComparison.Ordinal) && line.EndsWith("= 0", StringComparison.Ordinal))
            {
                isSynced |= line.Contains("sync(", StringComparison.Ordinal) || begun.Contains(thread);
            }
        }

        return without;
    }

    private static bool Says(string line, string beginning) =>
        line.Contains("write(", StringComparison.Ordinal) && line.Contains($", \"{beginning}", StringComparison.Ordinal);

    private static void RequireStrace()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs strace, which there is on Linux only.");
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-f", "-qq", "-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            Assert.SkipUnless(process.ExitCode == 0, "Needs strace, which may not trace here.");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("Needs strace, which is not installed.");
        }
    }
}
