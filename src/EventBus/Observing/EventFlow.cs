namespace EventBus;

/// <summary>One conversation, as far as the flight recorder still keeps it.</summary>
public sealed class EventFlow
{
    internal EventFlow(string correlationId, IReadOnlyList<FlightEntry> entries)
    {
        CorrelationId = correlationId;
        Entries = entries;
    }

    /// <summary>The conversation.</summary>
    public string CorrelationId { get; }

    /// <summary>What is kept of it, the oldest first.</summary>
    public IReadOnlyList<FlightEntry> Entries { get; }

    /// <summary>Without what did not last: a queue that had no room and was asked again.</summary>
    internal IEnumerable<FlightEntry> Lasting
    {
        get
        {
            var last = new Dictionary<(string, string?), long>();
            foreach (var entry in Entries)
                last[(entry.EventId, entry.Subscription)] = entry.Number;
            return Entries.Where(entry => entry.Kind != FlightEntryKind.NotAccepted || last[(entry.EventId, entry.Subscription)] == entry.Number);
        }
    }

    /// <summary>The conversation as a tree: each event under the one that led to it, with who got it, every attempt and what came of it.</summary>
    public override string ToString() => Observing.FlowTree.Of(this);

    /// <summary>The conversation as a Mermaid sequence diagram.</summary>
    public string ToMermaid() => Observing.FlowDiagram.Of(this);
}
