using EventBus.CrashChild;
using EventBus.CrashTests.Support;

namespace EventBus.CrashTests;

public sealed class CrashingHandlerTests : IDisposable
{
    private const int Events = 5;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_handler_that_kills_its_process_again_and_again_ends_as_a_dead_letter_after_its_attempts()
    {
        var crashes = 0;
        var handled = new List<string>();
        List<string> lines;
        do
        {
            using var child = Child.Start(new Life { File = _folder.File(), Does = Deed.CrashInHandler, Events = crashes == 0 ? Events : 0 });
            lines = await child.ReadAllAsync();
            handled.AddRange(lines.Where(static line => line.StartsWith("handled", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2]));
            if (await child.ExitAsync() != 0)
                crashes++;
        }
        while (lines[^1] != "stopped" && crashes <= 2 * CrashingLife.MaxAttempts);

        // The first crash comes without warning; from then on each counts.
        Assert.Equal(1 + CrashingLife.MaxAttempts, crashes);
        Assert.Equal($"letter 1-{CrashingLife.Deadly} {CrashingLife.MaxAttempts} MaxAttemptsExceeded EventBus.AttemptInterruptedException", Assert.Single(lines, static line => line.StartsWith("letter", StringComparison.Ordinal)));
        Assert.Equal(["1-0", "1-1", "1-3", "1-4"], handled.Distinct().Order());
    }

    public void Dispose() => _folder.Dispose();
}
