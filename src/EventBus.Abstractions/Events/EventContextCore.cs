namespace EventBus;

/// <summary>What an <see cref="EventContext"/> reads from. Pooled by the bus; the version tells one delivery from the next.</summary>
internal abstract class EventContextCore
{
    /// <summary>Moves on when the delivery ends. A context of an older version is over.</summary>
    internal int Version;

    internal abstract string Id { get; }

    internal abstract string Type { get; }

    internal abstract DateTimeOffset Time { get; }

    internal abstract string? Source { get; }

    internal abstract string? Subject { get; }

    internal abstract string? Key { get; }

    internal abstract string CorrelationId { get; }

    internal abstract string? CausationId { get; }

    internal abstract IReadOnlyDictionary<string, string> Headers { get; }

    internal abstract string? TraceParent { get; }

    internal abstract string? TraceState { get; }

    internal abstract string Subscription { get; }

    internal abstract int Attempt { get; }

    internal abstract long? Sequence { get; }

    internal abstract bool IsReplay { get; }

    internal abstract IServiceProvider Services { get; }

    internal abstract IEventPublisher Publisher { get; }

    internal EventMetadata Capture() => new()
    {
        Id = Id,
        Type = Type,
        Time = Time,
        Source = Source,
        Subject = Subject,
        Key = Key,
        CorrelationId = CorrelationId,
        CausationId = CausationId,
        Headers = Headers,
        TraceParent = TraceParent,
        TraceState = TraceState,
        Subscription = Subscription,
        Attempt = Attempt,
        Sequence = Sequence,
        IsReplay = IsReplay,
    };
}
