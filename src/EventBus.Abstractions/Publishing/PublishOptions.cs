namespace EventBus;

/// <summary>Attributes of one published event, named as in CloudEvents 1.0. All are optional.</summary>
public sealed class PublishOptions
{
    /// <summary>The event's id. Default: a time-ordered id made by the bus. Give one to have the same fact recognised when it is
    /// published again.</summary>
    public string? Id { get; init; }

    /// <summary>Where the fact happened (CloudEvents <c>source</c>). Default: none.</summary>
    public string? Source { get; init; }

    /// <summary>What the fact is about within its source (CloudEvents <c>subject</c>). Default: none.</summary>
    public string? Subject { get; init; }

    /// <summary>The value whose events stay in order (CloudEvents <c>partitionkey</c>). A subscription's own <c>OrderedBy</c> goes
    /// before it, and it goes before the event type's own key. Default: none, which means unordered. The empty string is a key.</summary>
    public string? Key { get; init; }

    /// <summary>The conversation this event belongs to. Default: that of the event being handled, else the event's own id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The id of the event that led to this one. Default: that of the event being handled, else none.</summary>
    public string? CausationId { get; init; }

    /// <summary>How long after publishing the event is worth handling. A delivery that is not handled by then is settled as
    /// expired. Must be positive. Default: for ever.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Anything else. Copied when the event is published.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}
