using System.Globalization;
using CsCheck;
using EventBus.Testing;

namespace EventBus.BehaviourTests.Model;

/// <summary>Random programs of durable subscriptions against the promises, over stops, crashes, replays and redrives.</summary>
/// <remarks>For a long run and for a printed seed, see <see cref="BusModelTests"/>.</remarks>
public sealed class DurableModelTests
{
    private static readonly long s_iterations =
        long.TryParse(Environment.GetEnvironmentVariable("EVENTBUS_MODEL_ITERATIONS"), CultureInfo.InvariantCulture, out var iterations) ? iterations : 200;

    [Fact]
    public Task Every_promise_holds_when_the_bus_rests_after_each_step() =>
        DurableProgram.Any.SampleAsync(static program => DurableMachine.RunAsync(program, waits: true), iter: s_iterations);

    [Fact]
    public Task Every_promise_holds_when_nobody_waits_for_anybody() =>
        DurableProgram.Any.SampleAsync(static program => DurableMachine.RunAsync(program, waits: false), iter: s_iterations);

    [Fact]
    public Task Every_promise_holds_in_interleavings_that_a_seed_decides() =>
        Gen.Select(DurableProgram.Any, Gen.Long).SampleAsync(
            static (program, seed) => Interleavings.ReplayAsync(seed, _ => DurableMachine.RunAsync(program, waits: false)),
            iter: s_iterations);
}
