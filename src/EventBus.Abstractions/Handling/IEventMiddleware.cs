namespace EventBus;

/// <summary>Something around every attempt to handle an event: around the whole bus's, an event type's or a subscription's. It may look on, refuse the event by throwing, map what the handler throws, or leave the handler out.</summary>
/// <remarks>
/// Several are nested in the order of their registration, the first outermost: those of the bus, then those of event types, then those of the subscription. They run within the delivery's scope and its timeout, once for each
/// attempt; what is filtered, expired or a duplicate does not reach them. One that does not keep state of its own may serve all subscriptions at once.
/// </remarks>
public interface IEventMiddleware
{
    /// <summary>Handles one event around what comes next.</summary>
    /// <typeparam name="TEvent">The type that the subscription asked for: the event's own, or a base type or an interface of it.</typeparam>
    /// <param name="event">The event.</param>
    /// <param name="context">What is known about this delivery. Valid until the returned task has completed.</param>
    /// <param name="next">The next middleware, and in the end the handler. Whoever does not call it settles the delivery as handled without its handler; its returned task must be awaited. It may be given another event or another token.</param>
    /// <param name="cancellationToken">As the handler gets it.</param>
    /// <returns>Completes when the attempt is over. Returning means handled; throwing means a failed attempt, as of the handler itself.</returns>
    ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
        where TEvent : notnull;
}
