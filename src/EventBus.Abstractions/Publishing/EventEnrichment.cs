namespace EventBus;

/// <summary>The attributes of an event that is about to be published, for an <see cref="IEventEnricher"/> to add to. An attribute that is set to null stays what it was.</summary>
public sealed class EventEnrichment
{
    private IDictionary<string, string>? _headers;

    /// <summary>Makes attributes by hand, for a unit test of an enricher.</summary>
    public EventEnrichment()
    {
    }

    internal EventEnrichment(IDictionary<string, string>? headers) => _headers = headers;

    /// <summary>The id that the publisher gave, or one to be recognised by when the same fact is published again. Null: the bus makes one.</summary>
    public string? Id { get; set; }

    /// <inheritdoc cref="PublishOptions.Source"/>
    public string? Source { get; set; }

    /// <inheritdoc cref="PublishOptions.Subject"/>
    public string? Subject { get; set; }

    /// <inheritdoc cref="PublishOptions.Key"/>
    public string? Key { get; set; }

    /// <summary>The conversation that the event belongs to. Null: it starts one with its own id.</summary>
    public string? CorrelationId { get; set; }

    /// <summary>The id of the event that led to this one. Null: none did.</summary>
    public string? CausationId { get; set; }

    /// <summary>Anything else; the publisher's own are in it.</summary>
    public IDictionary<string, string> Headers => _headers ??= new Dictionary<string, string>();

    /// <summary>The services of the scope that the event is published from. Null where the publisher belongs to no scope: that of the bus itself, of the root or of a singleton.</summary>
    public IServiceProvider? Services { get; init; }

    internal IDictionary<string, string>? HeadersOrNone => _headers;
}
