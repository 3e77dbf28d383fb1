namespace EventBus.Events;

/// <summary>An event on its way to one subscription.</summary>
internal readonly struct QueuedEvent<T>(T @event, in Stamp stamp, EventDetails? details)
{
    public readonly T Event = @event;
    public readonly Stamp Stamp = stamp;
    public readonly EventDetails? Details = details;
}
