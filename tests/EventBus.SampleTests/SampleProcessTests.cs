using EventBus.SampleTests.Support;

namespace EventBus.SampleTests;

/// <summary>The samples as their users start them: processes of their own.</summary>
public sealed class SampleProcessTests
{
    [Fact]
    public async Task Quick_start_prints_its_order_and_the_receipt()
    {
        var (code, output, error) = await SampleProcess.RunAsync("QuickStart");

        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.StartsWith("Order 536365 was placed: 139.12 pounds.", output);
        Assert.Contains("subscription", output);
        Assert.Contains("still scheduled: 0; stopped in", output);
    }

    [Fact]
    public async Task Online_retail_runs_from_any_folder()
    {
        var (code, output, error) = await SampleProcess.RunAsync("OnlineRetail");

        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains("£252,979.77", output);
    }

    [Fact]
    public async Task Online_retail_hands_its_exit_code_to_the_shell()
    {
        var (code, output, error) = await SampleProcess.RunAsync("OnlineRetail", "--file", "no-such-file.csv");

        Assert.Equal(3, code);
        Assert.Empty(output);
        Assert.Contains("'no-such-file.csv' cannot be read", error);
    }
}
