using OnlineRetail;

namespace EventBus.SampleTests.Support;

/// <summary>One run of the sample's program within the test's process.</summary>
internal sealed record ShopRun(ExitCode Code, string Output, string Error)
{
    public static async Task<ShopRun> Of(params string[] args) => await Of(null, args);

    public static async Task<ShopRun> Of(int? terminalWidth, string[] args, bool hasColour = false)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await RetailApp.RunAsync(args, output, error, terminalWidth, hasColour);
        return new ShopRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs the program on a file of these lines.</summary>
    public static async Task<ShopRun> OfLines(params string[] lines)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(path, lines);
            return await Of("--file", path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
