namespace EventBus.Handling;

/// <summary>One instance for every event, at the end of a chain of middleware. Asked for at the first attempt, as in <see cref="SingletonCall{T}"/>.</summary>
internal sealed class SingletonHandler<T>(Func<IServiceProvider, IEventHandler<T>> resolve, IServiceProvider services) : IEventHandler<T>
    where T : notnull
{
    private IEventHandler<T>? _handler;

    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) =>
        (_handler ??= resolve(services)).HandleAsync(@event, context, cancellationToken);
}
