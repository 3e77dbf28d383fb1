using EventBus.Storage;

namespace EventBus.Testing;

/// <summary>What a test gives to a bus, and what outlives a crash.</summary>
/// <param name="Clock">Time.</param>
/// <param name="Log">The log that takes every other's place.</param>
/// <param name="History">What happens.</param>
/// <param name="Faults">What goes wrong.</param>
internal sealed record TestParts(TestClock Clock, InMemoryEventLog Log, HistoryRecorder History, TestFaults Faults)
{
    public required bool DeliversTwice { get; init; }

    public required bool MakesRoundTrips { get; init; }

    public required TimeSpan Patience { get; init; }
}
