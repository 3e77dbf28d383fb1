using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>Calls a lambda.</summary>
internal sealed class LambdaCall<T>(Func<T, EventContext, CancellationToken, ValueTask> handler) : HandlerCall<T>
{
    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        ValueTask handling;
        try
        {
            handling = handler(@event, new EventContext(context), cancellationToken);
        }
        catch (Exception error)
        {
            return new(Outcome.Failed(error));
        }

        return OutcomeOf(handling);
    }
}
