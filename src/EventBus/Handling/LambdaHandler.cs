namespace EventBus.Handling;

/// <summary>A lambda at the end of a chain of middleware.</summary>
internal sealed class LambdaHandler<T>(Func<T, EventContext, CancellationToken, ValueTask> handler) : IEventHandler<T>
    where T : notnull
{
    public ValueTask HandleAsync(T @event, EventContext context, CancellationToken cancellationToken) => handler(@event, context, cancellationToken);
}
