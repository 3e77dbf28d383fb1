namespace EventBus.Handling;

/// <summary>A middleware of which the container has one. It is asked for at the first attempt, so that a constructor that throws is a failed attempt, and tried again.</summary>
internal sealed class SingletonMiddlewareStep<T>(Func<IServiceProvider, IEventMiddleware> resolve, IServiceProvider services, IEventHandler<T> next) : IEventHandler<T>
    where T : notnull
{
    private Func<T, EventContext, IEventHandler<T>, CancellationToken, ValueTask>? _middleware;

    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) =>
        (_middleware ??= resolve(services).HandleAsync)(@event, context, next, cancellationToken);
}
