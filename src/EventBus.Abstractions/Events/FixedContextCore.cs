namespace EventBus;

/// <summary>A context that somebody made by hand, for a unit test of a handler.</summary>
internal sealed class FixedContextCore(EventMetadata metadata, IServiceProvider? services, IEventPublisher? publisher) : EventContextCore
{
    internal override string Id => metadata.Id;

    internal override string Type => metadata.Type;

    internal override DateTimeOffset Time => metadata.Time;

    internal override string? Source => metadata.Source;

    internal override string? Subject => metadata.Subject;

    internal override string? Key => metadata.Key;

    internal override string CorrelationId => metadata.CorrelationId;

    internal override string? CausationId => metadata.CausationId;

    internal override IReadOnlyDictionary<string, string> Headers => metadata.Headers;

    internal override string? TraceParent => metadata.TraceParent;

    internal override string? TraceState => metadata.TraceState;

    internal override string Subscription => metadata.Subscription;

    internal override int Attempt => metadata.Attempt;

    internal override long? Sequence => metadata.Sequence;

    internal override bool IsReplay => metadata.IsReplay;

    internal override IServiceProvider Services =>
        services ?? throw new InvalidOperationException("This EventContext was made without services. Give them: EventContext.Create(services: ...).");

    internal override IEventPublisher Publisher =>
        publisher ?? throw new InvalidOperationException("This EventContext was made without a publisher. Give one: EventContext.Create(publisher: ...).");
}
