namespace EventBus.Testing;

/// <summary>A test failed in one interleaving. The message names its seed, which fails again, and the last steps before; the inner exception is the test's own.</summary>
public sealed class InterleavingException : Exception
{
    private const int LastSteps = 25;

    internal InterleavingException(InterleavingTrace trace, int tried, Exception failure)
        : base(Describe(trace, tried, failure), failure) => Trace = trace;

    /// <summary>The seed that fails: give it to <see cref="Interleavings.ReplayAsync"/>.</summary>
    public long Seed => Trace.Seed;

    /// <summary>The steps up to the failure.</summary>
    public InterleavingTrace Trace { get; }

    private static string Describe(InterleavingTrace trace, int tried, Exception failure) => string.Join(Environment.NewLine,
    [
        $"The interleaving of seed {trace.Seed} failed, number {tried} that was tried: {failure.Message}",
        $"It fails again, step by step, with: await Interleavings.ReplayAsync({trace.Seed}, ...)",
        $"Its last steps, of {trace.Count}:",
        .. trace.Last(LastSteps).Select(static step => $"  {step}"),
    ]);
}
