namespace EventBus.Handling;

/// <summary>A middleware that is made anew for each delivery, in the scope of that.</summary>
internal sealed class ScopedMiddlewareStep<T>(Func<IServiceProvider, IEventMiddleware> resolve, IEventHandler<T> next) : IEventHandler<T>
    where T : notnull
{
    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) =>
        resolve(context.Services).HandleAsync(@event, context, next, cancellationToken);
}
