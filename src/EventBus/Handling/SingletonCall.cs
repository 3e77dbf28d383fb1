using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>Calls one instance for every event. It is asked for at the first attempt, so that a constructor that throws is a
/// failed attempt of this subscription alone, and tried again.</summary>
internal sealed class SingletonCall<T>(Func<IServiceProvider, IEventHandler<T>> resolve, IServiceProvider services) : HandlerCall<T>
    where T : notnull
{
    private IEventHandler<T>? _handler;

    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        ValueTask handling;
        try
        {
            handling = (_handler ?? Resolve()).HandleAsync(@event, new EventContext(context), cancellationToken);
        }
        catch (Exception error)
        {
            return new(Outcome.Failed(error));
        }

        return OutcomeOf(handling);
    }

    private IEventHandler<T> Resolve() => _handler = resolve(services);
}
