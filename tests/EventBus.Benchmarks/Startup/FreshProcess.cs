using System.Diagnostics;
using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Startup;

/// <summary>Starts this program again and takes the time from the start of the process until it says that the event is handled.</summary>
internal sealed class FreshProcess(string side, int handlers) : Contender
{
    public override Task RunAsync(int events) => MeasureAsync(events);

    public override ValueTask DisposeAsync() => default;

    public override async Task<Sample> MeasureAsync(int events)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(FreshProcess).Assembly.Location);
        start.ArgumentList.Add(FirstEvent.Argument);
        start.ArgumentList.Add(side);
        start.ArgumentList.Add(handlers.ToString(System.Globalization.CultureInfo.InvariantCulture));

        var buffer = new byte[1];
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var read = process.StandardOutput.BaseStream.Read(buffer);
        var elapsed = Stopwatch.GetElapsedTime(started);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        if (read != 1 || process.ExitCode != 0)
            throw new InvalidOperationException($"The child process for {side} with {handlers} handlers failed with exit code {process.ExitCode}.");
        return new(elapsed.TotalNanoseconds, 0);
    }
}
