namespace EventBus.Storage;

/// <summary>Chooses events of a log. All conditions must hold; none chooses all.</summary>
public sealed record LogFilter
{
    /// <summary>Only events of these stored type names.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Only events that were published with this key.</summary>
    public string? Key { get; init; }

    /// <summary>Only events of this conversation.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Only events published at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only events published before this time.</summary>
    public DateTimeOffset? Before { get; init; }
}
