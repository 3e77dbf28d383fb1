using System.Globalization;
using CsCheck;
using EventBus.Testing;

namespace EventBus.BehaviourTests.Model;

/// <summary>Random programs against the promises. A failure prints the program, made as small as could be found, and its seed.</summary>
/// <remarks>
/// A short run belongs to every build. For a long one set EVENTBUS_MODEL_ITERATIONS to the number of programs for each test;
/// to run a printed seed again, set CsCheck_Seed to it.
/// </remarks>
public sealed class BusModelTests
{
    private static readonly long s_iterations =
        long.TryParse(Environment.GetEnvironmentVariable("EVENTBUS_MODEL_ITERATIONS"), CultureInfo.InvariantCulture, out var iterations) ? iterations : 200;

    [Fact]
    public Task Every_promise_holds_when_the_bus_rests_after_each_step() =>
        BusProgram.Any.SampleAsync(static program => new BusMachine(program).RunAsync(waits: true), iter: s_iterations);

    [Fact]
    public Task Every_promise_holds_when_nobody_waits_for_anybody() =>
        BusProgram.Any.SampleAsync(static program => new BusMachine(program).RunAsync(waits: false), iter: s_iterations);

    [Fact]
    public Task Every_promise_holds_with_several_publishers_at_once() =>
        BusProgram.Any.SampleAsync(static program => new BusMachine(program).RunConcurrentlyAsync(publishers: 3, Task.Run), iter: s_iterations);

    [Fact]
    public Task Every_promise_holds_in_interleavings_that_a_seed_decides() =>
        Gen.Select(BusProgram.Any, Gen.Long).SampleAsync(
            static (program, seed) => Interleavings.ReplayAsync(seed, _ => new BusMachine(program).RunConcurrentlyAsync(publishers: 3, static publish => publish())),
            iter: s_iterations);
}
