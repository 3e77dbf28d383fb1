namespace EventBus.Handling;

/// <summary>A middleware and what comes next, as one handler: how a chain is composed, once for each subscription.</summary>
internal sealed class MiddlewareStep<T>(Func<T, EventContext, IEventHandler<T>, CancellationToken, ValueTask> middleware, IEventHandler<T> next) : IEventHandler<T>
    where T : notnull
{
    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) =>
        middleware(@event, context, next, cancellationToken);
}
