namespace EventBus;

/// <summary>The last of what happened in a bus. Thread-safe; asking costs a walk over all that is kept, and holds up nobody.</summary>
public interface IFlightRecorder
{
    /// <summary>How many entries are kept.</summary>
    int Capacity { get; }

    /// <summary>How many entries there were so far, forgotten ones included.</summary>
    long Recorded { get; }

    /// <summary>What is kept, the oldest first.</summary>
    IReadOnlyList<FlightEntry> Entries { get; }

    /// <summary>One conversation: an event, who got it, what came of each attempt, the events that followed, and so on, as far as it is still kept.</summary>
    /// <param name="correlationId">The conversation: <see cref="EventMetadata.CorrelationId"/>, which is the id of its first event unless its publisher gave another.</param>
    EventFlow Flow(string correlationId);
}
