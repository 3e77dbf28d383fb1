namespace EventBus;

/// <summary>Chooses events of the log. All conditions must hold; none chooses all.</summary>
public sealed record LogQuery
{
    /// <summary>Where reading begins. Default: <see cref="LogPosition.Earliest"/>.</summary>
    public LogPosition From { get; init; } = LogPosition.Earliest;

    /// <summary>Only events of these types; a base type or an interface chooses every known event type of it. Default: all.</summary>
    public IReadOnlyList<Type>? Types { get; init; }

    /// <summary>Only events that were published with this key (<see cref="PublishOptions.Key"/>).</summary>
    public string? Key { get; init; }

    /// <summary>Only events of this conversation.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Only events that were published at this time or later.</summary>
    public DateTimeOffset? FromTime { get; init; }

    /// <summary>Only events that were published before this time.</summary>
    public DateTimeOffset? BeforeTime { get; init; }
}
