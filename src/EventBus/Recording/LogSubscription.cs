namespace EventBus.Storage;

/// <summary>The stored state of a durable subscription, without its deliveries.</summary>
public sealed record LogSubscription
{
    /// <summary>The subscription's name, unique in the log.</summary>
    public required string Name { get; init; }

    /// <summary>Every event up to and including this sequence is settled, or has a <see cref="LogDelivery"/>. Of those beyond it, some may have one, also some that are settled.</summary>
    public required long Position { get; init; }

    /// <summary>How often it was moved back so far.</summary>
    public int Generation { get; init; }

    /// <summary>Events up to and including this sequence are given to it as a replay; 0 for none.</summary>
    public long ReplayEnd { get; init; }

    /// <summary>The stored names of the event types that it asked for when it last started.</summary>
    public IReadOnlyList<string> EventTypes { get; init; } = [];
}
