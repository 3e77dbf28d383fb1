using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using EventBus.HostChild;

namespace EventBus.Hosting.Tests.Support;

/// <summary>A host in a process of its own, and what it says.</summary>
internal sealed partial class ChildHost : IDisposable
{
    private const int Terminate = 15;

    private readonly Process _process;

    private ChildHost(Process process) => _process = process;

    public static ChildHost Start(Life life)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventBus.HostChild.dll"), JsonSerializer.Serialize(life)])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(life.File)!,
        };
        return new(Process.Start(start)!);
    }

    /// <summary>SIGTERM: what <c>docker stop</c>, systemd and Kubernetes send.</summary>
    public void AskToStop() => Assert.Equal(0, Kill(_process.Id, Terminate));

    /// <summary>The lines up to one of which the given holds, or to the end.</summary>
    public async Task<List<string>> ReadAsync(Func<string, bool> until)
    {
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync().Soon() is { } line)
        {
            lines.Add(line);
            if (until(line))
                break;
        }

        return lines;
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().Soon();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
