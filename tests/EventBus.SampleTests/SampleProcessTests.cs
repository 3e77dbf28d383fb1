using System.Diagnostics;

namespace EventBus.SampleTests;

/// <summary>The samples as their users start them: processes of their own.</summary>
public sealed class SampleProcessTests
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Quick_start_prints_its_order_and_the_receipt()
    {
        var (code, output, error) = await RunAsync("QuickStart");

        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.StartsWith("Order 536365 was placed: 139.12 pounds.", output);
        Assert.Contains("subscription", output);
        Assert.Contains("still scheduled: 0; stopped in", output);
    }

    [Fact]
    public async Task Online_retail_runs_from_any_folder()
    {
        var (code, output, error) = await RunAsync("OnlineRetail");

        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains("£252,979.77", output);
    }

    [Fact]
    public async Task Online_retail_hands_its_exit_code_to_the_shell()
    {
        var (code, output, error) = await RunAsync("OnlineRetail", "--file", "no-such-file.csv");

        Assert.Equal(3, code);
        Assert.Empty(output);
        Assert.Contains("'no-such-file.csv' cannot be read", error);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string sample, params string[] args)
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
