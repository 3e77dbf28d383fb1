namespace EventBus.Benchmarks.Harness;

/// <summary>What one round of one side came to.</summary>
/// <param name="Nanoseconds">Time for each event.</param>
/// <param name="Bytes">Bytes that the process allocated for each event.</param>
/// <param name="Tail">The 99th percentile in nanoseconds, where a side measures single events.</param>
internal readonly record struct Sample(double Nanoseconds, double Bytes, double Tail = 0);
