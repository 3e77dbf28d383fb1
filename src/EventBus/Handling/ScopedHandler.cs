namespace EventBus.Handling;

/// <summary>What is made in the delivery's scope, at the end of a chain of middleware.</summary>
internal sealed class ScopedHandler<T>(Func<IServiceProvider, T, EventContext, CancellationToken, ValueTask> call) : IEventHandler<T>
    where T : notnull
{
    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) => call(context.Services, @event, context, cancellationToken);
}
