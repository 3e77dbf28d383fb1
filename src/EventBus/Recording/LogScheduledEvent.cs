namespace EventBus.Storage;

/// <summary>An event that is to be appended later.</summary>
/// <param name="Record">The event; its type, source and id name the entry, its sequence is 0.</param>
/// <param name="Due">When, in UTC; kept to the millisecond.</param>
/// <param name="TimeToLive">How long after its activation the event is worth handling; <see langword="null"/> for ever.</param>
public sealed record LogScheduledEvent(LogRecord Record, DateTimeOffset Due, TimeSpan? TimeToLive);
