using System.Globalization;

namespace EventBus.BehaviourTests.Faults;

/// <summary>A whole life of a bus, again and again, with the log failing at its first call, at its second, at its third, until a life is over before its fault comes.</summary>
/// <remarks>As SQLite is tested: https://www.sqlite.org/testing.html, "I/O error testing". For a long run set EVENTBUS_FAULT_ROUNDS to how often it is done: which thread is
/// where when the fault comes is the machine's.</remarks>
public sealed class FaultTests
{
    private static readonly int s_rounds =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTBUS_FAULT_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 1;

    [Fact]
    public Task A_call_that_fails_for_a_moment_loses_nothing_and_repeats_nothing() => FailEachCallAsync(LogFault.Transient);

    [Fact]
    public Task A_call_after_which_the_log_must_not_be_used_loses_nothing() => FailEachCallAsync(LogFault.Fatal);

    [Fact]
    public Task A_commit_of_which_nobody_knows_whether_it_came_to_be_loses_nothing() => FailEachCallAsync(LogFault.AfterCommit);

    [Fact]
    public Task A_process_that_dies_in_a_call_loses_nothing() => FailEachCallAsync(LogFault.PowerLoss);

    private static async Task FailEachCallAsync(LogFault fault)
    {
        var round = 1;
        for (var call = 1; round <= s_rounds; call++)
        {
            using var life = new FaultyLife(fault, call);
            await life.RunAsync();
            if (!life.WasSpared)
                continue;
            round++;
            call = 0;
        }
    }
}
