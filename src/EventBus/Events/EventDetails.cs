namespace EventBus.Events;

/// <summary>What an event carries beyond its stamp. Most events carry nothing, and then there is none of this.</summary>
internal sealed class EventDetails
{
    /// <summary>The event itself, where a queue keeps the details in its place.</summary>
    public object? Event { get; set; }

    public string? Id { get; set; }

    public string? Source { get; init; }

    public string? Subject { get; init; }

    public string? Key { get; init; }

    public string? CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Where it was published; none outside of every trace, or where nobody listened.</summary>
    public TraceContext? Trace { get; init; }

    /// <summary>When the event stops being worth handling, in ticks of the bus's monotonic clock.</summary>
    public long ExpiresAt { get; init; } = long.MaxValue;

    /// <summary>The event's number in the log; 0 for an event that is in none, or is not committed yet.</summary>
    public long Sequence { get; set; }

    /// <summary>Whether a durable subscription was moved back and is given the event again.</summary>
    public bool IsReplay { get; init; }

    /// <summary>What a delivery that comes from the log again brings from its earlier attempts.</summary>
    public object? Earlier { get; init; }
}
