using EventBus.Events;

namespace EventBus.Handling;

/// <summary>Calls a lambda.</summary>
internal sealed class LambdaCall<T>(Func<T, EventContext, CancellationToken, ValueTask> handler) : HandlerCall<T>
{
    public override ValueTask CallAsync(T @event, DeliveryContext context, CancellationToken cancellationToken) =>
        handler(@event, new EventContext(context), cancellationToken);
}
