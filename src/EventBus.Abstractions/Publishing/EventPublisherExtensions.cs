namespace EventBus;

/// <summary>Publishing without options.</summary>
/// <remarks>Extensions and not overloads: as overloads they would make <c>PublishAsync(e, new() { Key = "x" })</c> and
/// <c>PublishAsync(e, default)</c> ambiguous.</remarks>
public static class EventPublisherExtensions
{
    /// <summary>Publishes one event without options.</summary>
    /// <inheritdoc cref="IEventPublisher.PublishAsync{TEvent}"/>
    public static ValueTask PublishAsync<TEvent>(this IEventPublisher publisher, TEvent @event, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(publisher);
        return publisher.PublishAsync(@event, null, cancellationToken);
    }

    /// <summary>Publishes one event without options.</summary>
    /// <inheritdoc cref="IEventPublisher.PublishAsync{TEvent}"/>
    public static ValueTask PublishAsync<TEvent>(this IEventPublisher<TEvent> publisher, TEvent @event, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(publisher);
        return publisher.PublishAsync(@event, null, cancellationToken);
    }
}
