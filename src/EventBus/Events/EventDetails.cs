namespace EventBus.Events;

/// <summary>What an event carries beyond its stamp. Most events carry nothing, and then there is none of this.</summary>
internal sealed class EventDetails
{
    /// <summary>The root of what follows from an event that was read from the log: which stamp it once had is not known there.</summary>
    public const ulong UnknownRoot = ulong.MaxValue;

    // Tells a root from none. The highest bit of a stamp is never set.
    private const ulong IsRoot = 1ul << 63;

    /// <summary>The event itself, where a queue keeps the details in its place.</summary>
    public object? Event { get; set; }

    public string? Id { get; set; }

    public string? Source { get; init; }

    public string? Subject { get; init; }

    public string? Key { get; init; }

    public string? CorrelationId { get; init; }

    public string? CausationId { get; init; }

    /// <summary>The stamp of the event that, at whatever distance, led to this one; 0 where none did.</summary>
    public ulong Root { get; init; }

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

    /// <summary>What all that follows from an event has as its root.</summary>
    public static ulong RootOf(in Stamp stamp, EventDetails? details) => details is { Root: > 0 and var root } ? root : stamp.Bits | IsRoot;
}
