using EventBus.Events;

namespace EventBus.Handling;

/// <summary>Calls one instance for every event. It is asked for at the first attempt, so that a constructor that throws is a
/// failed attempt of this subscription alone, and tried again.</summary>
internal sealed class SingletonCall<T>(Func<IServiceProvider, IEventHandler<T>> resolve, IServiceProvider services) : HandlerCall<T>
    where T : notnull
{
    private IEventHandler<T>? _handler;

    public override ValueTask CallAsync(T @event, DeliveryContext context, CancellationToken cancellationToken) =>
        (_handler ?? Resolve()).HandleAsync(@event, new EventContext(context), cancellationToken);

    private IEventHandler<T> Resolve() => _handler = resolve(services);
}
