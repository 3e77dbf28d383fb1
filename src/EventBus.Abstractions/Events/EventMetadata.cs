namespace EventBus;

/// <summary>Everything known about one delivery, without the event itself. Immutable; it may be kept.</summary>
public sealed record EventMetadata
{
    /// <summary>The event's id (CloudEvents <c>id</c>).</summary>
    public required string Id { get; init; }

    /// <summary>The event type's name (CloudEvents <c>type</c>): that of its <see cref="EventTypeAttribute"/>, else its full .NET name.</summary>
    public required string Type { get; init; }

    /// <summary>When the event was published, in UTC (CloudEvents <c>time</c>).</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where the fact happened (CloudEvents <c>source</c>).</summary>
    public string? Source { get; init; }

    /// <summary>What the fact is about (CloudEvents <c>subject</c>).</summary>
    public string? Subject { get; init; }

    /// <summary>The value whose events stay in order (CloudEvents <c>partitionkey</c>), as text.</summary>
    public string? Key { get; init; }

    /// <summary>The conversation the event belongs to; an event that nothing led to starts one with its own id.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The id of the event that led to this one.</summary>
    public string? CausationId { get; init; }

    /// <summary>What the publisher added.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = EmptyHeaders;

    /// <summary>The place in a trace at which the event was published, in the form of W3C Trace Context (CloudEvents <c>traceparent</c>); <see langword="null"/> outside of every
    /// trace, or where nobody listened to the bus's activities.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What tracing systems keep beside <see cref="TraceParent"/> (CloudEvents <c>tracestate</c>).</summary>
    public string? TraceState { get; init; }

    /// <summary>The subscription the event is delivered to.</summary>
    public string Subscription { get; init; } = "";

    /// <summary>The attempt, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The event's number in the log; only durable deliveries have one.</summary>
    public long? Sequence { get; init; }

    /// <summary>Whether a durable subscription was moved back and is given the past again.</summary>
    public bool IsReplay { get; init; }

    internal static IReadOnlyDictionary<string, string> EmptyHeaders { get; } = new Dictionary<string, string>(0);
}
