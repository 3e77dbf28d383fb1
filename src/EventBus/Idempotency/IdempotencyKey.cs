namespace EventBus.Storage;

/// <summary>Names one delivery for an <see cref="IIdempotencyStore"/>. Two keys are the same where all four parts are.</summary>
/// <param name="Scope">The subscription; a replay has a scope of its own. Keys of different scopes never meet.</param>
/// <param name="Key">The event's id, or what the subscription took from the event. Any string, compared ordinally.</param>
public readonly record struct IdempotencyKey(string Scope, string Key)
{
    /// <summary>The stored name of the event's type, where <see cref="Key"/> is the event's id: two types may have events of one id. <see langword="null"/> where the key was taken from the event.</summary>
    public string? EventType { get; init; }

    /// <summary>The event's source, where <see cref="Key"/> is the event's id and the event has one.</summary>
    public string? Source { get; init; }
}
