namespace EventBus;

/// <summary>An <see cref="IEventPublisher"/> bound to one event type, see <see cref="IEventPublisher.For{TEvent}"/>.</summary>
public interface IEventPublisher<in TEvent>
    where TEvent : notnull
{
    /// <inheritdoc cref="IEventPublisher.PublishAsync{TEvent}"/>
    ValueTask PublishAsync(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default);
}
