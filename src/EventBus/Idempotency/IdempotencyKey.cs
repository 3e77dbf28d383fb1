namespace EventBus.Storage;

/// <summary>Names one delivery for an <see cref="IIdempotencyStore"/>.</summary>
/// <param name="Scope">The subscription; a replay has a scope of its own. Keys of different scopes never meet.</param>
/// <param name="Key">The event's id, or what the subscription took from the event. Any string, compared ordinally.</param>
public readonly record struct IdempotencyKey(string Scope, string Key);
