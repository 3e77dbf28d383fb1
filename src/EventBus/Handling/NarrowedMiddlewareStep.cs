namespace EventBus.Handling;

/// <summary>A middleware for one event type in a subscription to another: a base type of it, or one derived from it. Events that are not of the type go past it.</summary>
internal sealed class NarrowedMiddlewareStep<T, TEvent>(Func<TEvent, EventContext, IEventHandler<TEvent>, CancellationToken, ValueTask> middleware, IEventHandler<T> next) : IEventHandler<T>
    where T : notnull
    where TEvent : notnull
{
    private readonly IEventHandler<TEvent> _next = new Widened(next);

    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) =>
        @event is TEvent narrowed ? middleware(narrowed, context, _next, cancellationToken) : next.HandleAsync(@event, context, cancellationToken);

    /// <summary>What comes next, for the middleware.</summary>
    private sealed class Widened(IEventHandler<T> next) : IEventHandler<TEvent>
    {
        public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken) =>
            @event is T widened
                ? next.HandleAsync(widened, context, cancellationToken)
                : throw new InvalidOperationException($"A middleware gave its next a '{@event.GetType()}', and subscription '{context.Subscription}' takes '{typeof(T)}'. Pass on the event that the middleware was given, or another of that type.");
    }
}
