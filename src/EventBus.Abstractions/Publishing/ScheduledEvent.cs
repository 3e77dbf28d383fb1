namespace EventBus;

/// <summary>A publication that is still to come; <see cref="IEventPublisher.CancelScheduledAsync"/> takes it back. Type, source and id name it.</summary>
/// <param name="Id">The id that the event will have.</param>
/// <param name="DueTime">When it will be published.</param>
/// <param name="Type">The name of the event's type, as <see cref="EventContext.Type"/> will have it.</param>
/// <param name="Source">The source that the event will have; <see langword="null"/> for none.</param>
public sealed record ScheduledEvent(string Id, DateTimeOffset DueTime, string Type, string? Source = null);
