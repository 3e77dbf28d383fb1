namespace EventBus;

/// <summary>Reacts to an event.</summary>
/// <typeparam name="TEvent">The event type. A base type or an interface gets every event of it, each once.</typeparam>
public interface IEventHandler<in TEvent>
    where TEvent : notnull
{
    /// <summary>Handles one event. Returning means handled; throwing means a failed attempt.</summary>
    /// <param name="event">The event, shared with all other handlers.</param>
    /// <param name="context">What is known about this delivery. Valid until the returned task has completed.</param>
    /// <param name="cancellationToken">Queued: cancelled at the attempt's timeout and shortly before a stop gives up waiting.
    /// Inline: the publisher's own token, and the timeout where one was asked for.</param>
    /// <remarks>
    /// Called on a thread-pool thread (queued) or on the publisher's (inline), never by two threads for the same delivery. Do not
    /// use <c>async void</c> and do not leave a task un-awaited: what runs after this method has returned is outside the
    /// delivery, and its failure is nobody's. An <see cref="OperationCanceledException"/> of the handler's own is a failure like any other.
    /// </remarks>
    ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken);
}
