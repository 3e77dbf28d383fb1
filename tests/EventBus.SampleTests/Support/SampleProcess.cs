using System.Diagnostics;

namespace EventBus.SampleTests.Support;

/// <summary>A sample as its users start it: a process of its own.</summary>
internal static class SampleProcess
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(180);

    public static async Task<(int Code, string Output, string Error)> RunAsync(string sample, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, sample + ".dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(s_safetyNet);
        return (process.ExitCode, await output, await error);
    }
}
