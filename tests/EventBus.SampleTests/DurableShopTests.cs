using System.Text.RegularExpressions;
using EventBus.SampleTests.Support;

namespace EventBus.SampleTests;

/// <summary>The shop on an event log, in processes of their own, of which some are killed.</summary>
public sealed partial class DurableShopTests : IDisposable
{
    // The first 1,500 lines: enough to be killed in.
    private const int Lines = 1500;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("online-retail-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Killed_twice_and_run_again_it_ends_with_the_totals_of_a_run_that_nobody_disturbed()
    {
        var file = WriteSlice();
        var (code, undisturbed, _) = await SampleProcess.RunAsync("OnlineRetail", "--file", file, "--durable", PathOf("whole.db"));
        Assert.Equal(0, code);

        var (killed, lastWords, _) = await SampleProcess.RunAsync("OnlineRetail", "--file", file, "--durable", PathOf("killed.db"), "--kill-after", "400");
        Assert.NotEqual(0, (await SampleProcess.RunAsync("OnlineRetail", "--file", file, "--durable", PathOf("killed.db"), "--kill-after", "1100")).Code);
        var (last, output, error) = await SampleProcess.RunAsync("OnlineRetail", "--file", file, "--durable", PathOf("killed.db"));

        Assert.NotEqual(0, killed);
        Assert.EndsWith("Killed on purpose after 400 published events. Run the same command without --kill-after: it continues where this run was.\n", lastWords.ReplaceLineEndings("\n"));
        Assert.Empty(error);
        Assert.Equal(0, last);
        Assert.Matches(@"\nfound 1,\d\d\d events of the last run, continuing\n", output);
        Assert.Equal(Tables(undisturbed), Tables(output));
        Assert.Contains($"  net            {Lines:N0}  ", output);
    }

    [Fact]
    public async Task A_replay_builds_the_read_model_again_from_the_log()
    {
        var file = WriteSlice();
        var (_, published, _) = await SampleProcess.RunAsync("OnlineRetail", "--file", file, "--durable", PathOf("orders.db"));

        var (code, output, _) = await SampleProcess.RunAsync("OnlineRetail", "--file", file, "--durable", PathOf("orders.db"), "--replay", "revenue");

        Assert.Equal(0, code);
        Assert.Equal(Tables(published), Tables(output));
        Assert.Matches($@"\nrevenue +{Lines} +{Lines}\b", output);
        Assert.Matches(@"\nstock +0 +0\b", output);
    }

    [Theory]
    [InlineData("Options --kill-after and --replay go with --durable.", "--kill-after", "5")]
    [InlineData("Option --kill-after needs a number of events, 1 or more.", "--durable", "x.db", "--kill-after", "none")]
    [InlineData("Option --replay needs one of revenue, stock, loyalty.", "--durable", "x.db", "--replay", "audit")]
    [InlineData("Option --durable needs a path.", "--durable")]
    public async Task Wrong_durable_options_are_named(string message, params string[] args)
    {
        var run = await ShopRun.Of(args);

        Assert.Equal(OnlineRetail.ExitCode.WrongCommandLine, run.Code);
        Assert.StartsWith(message, run.Error);
    }

    [Fact]
    public async Task A_log_in_a_folder_that_is_missing_is_named()
    {
        var run = await ShopRun.Of("--durable", Path.Combine(_folder.FullName, "missing", "orders.db"));

        Assert.Equal(OnlineRetail.ExitCode.UnusableLog, run.Code);
        Assert.Contains("missing", run.Error);
    }

    /// <summary>All that two runs of the same orders have in common: which till took an invoice, and what one run alone did, is not of it.</summary>
    private static string Tables(string output)
    {
        var tables = output[output.IndexOf("\nTotals", StringComparison.Ordinal)..output.IndexOf("\nReceipt", StringComparison.Ordinal)];
        return PerRun().Replace(tables, "");
    }

    [GeneratedRegex(@"^  (till-\d|invoices sent twice|of known customers).*\n", RegexOptions.Multiline)]
    private static partial Regex PerRun();

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string WriteSlice()
    {
        var path = PathOf("orders.csv");
        File.WriteAllLines(path, File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "online-retail-2010-12.csv")).Take(Lines + 1));
        return path;
    }
}
