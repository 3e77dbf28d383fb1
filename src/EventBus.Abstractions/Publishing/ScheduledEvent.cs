namespace EventBus;

/// <summary>A publication that is still to come; <see cref="IEventPublisher.CancelScheduledAsync"/> takes it back.</summary>
/// <param name="Id">The id that the event will have.</param>
/// <param name="DueTime">When it will be published.</param>
public sealed record ScheduledEvent(string Id, DateTimeOffset DueTime);
