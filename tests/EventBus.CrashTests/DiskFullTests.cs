using System.Diagnostics;
using EventBus.CrashChild;
using EventBus.CrashTests.History;
using EventBus.CrashTests.Support;

namespace EventBus.CrashTests;

/// <summary>A real file system without room. Mounting one needs rights that not every machine gives.</summary>
public sealed class DiskFullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private bool _isMounted;

    [Fact]
    public async Task A_full_disk_is_told_and_nothing_is_lost_and_it_goes_on_when_there_is_room()
    {
        Mount("1m");
        using var child = Child.Start(new Life { File = _folder.File(), Does = Deed.Publish, Bytes = 10_000 });
        await child.ReadToAsync("started");
        child.Say("publish 0 200");
        var full = await child.ReadToAsync("did");
        Assert.Equal(0, Run("mount", "-o", "remount,size=32m", _folder.Path));
        child.Say("publish 200 210");
        var roomy = await child.ReadToAsync("did");
        child.Say("settle");
        await child.ReadToAsync("did");
        child.Finish();
        Assert.Equal(0, await child.ExitAsync());

        var failures = full.Where(static line => line.StartsWith("fail", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(failures);
        Assert.All(failures, static line => Assert.Contains("EventLogException transient The event log", line));
        Assert.All(failures, static line => Assert.Contains("the disk is full, or a quota is reached; nothing was written", line));
        Assert.Equal(10, roomy.Count(static line => line.StartsWith("ack", StringComparison.Ordinal)));
        var stored = StoredFile.Read(_folder.File());
        var acknowledged = full.Concat(roomy).Where(static line => line.StartsWith("ack", StringComparison.Ordinal)).Select(static line => line[4..]);
        Assert.Equal(acknowledged, stored.Events.Select(static stored => stored.Name));
        Assert.Empty(stored.Leftovers);
        Assert.Empty(stored.Damage);
    }

    public void Dispose()
    {
        if (_isMounted)
            Run("umount", _folder.Path);
        _folder.Dispose();
    }

    private void Mount(string size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a small file system of its own, which this test can mount on Linux only.");
        _isMounted = Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", _folder.Path) == 0;
        Assert.SkipUnless(_isMounted, "Needs a small file system of its own, and this user may not mount one.");
    }

    private static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
