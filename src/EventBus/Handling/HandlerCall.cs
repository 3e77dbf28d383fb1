using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>The last stage: calls the handler and turns what it does into an outcome.</summary>
internal abstract class HandlerCall<T> : AttemptStage<T>
{
    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        try
        {
            var pending = CallAsync(@event, context, cancellationToken);
            if (!pending.IsCompletedSuccessfully)
                return AwaitAsync(pending);
            pending.GetAwaiter().GetResult();
            return new(Outcome.Handled);
        }
        catch (Exception error)
        {
            return new(Outcome.Failed(error));
        }
    }

    protected abstract ValueTask CallAsync(T @event, DeliveryContext context, CancellationToken cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome> AwaitAsync(ValueTask pending)
    {
        try
        {
            await pending.ConfigureAwait(false);
            return Outcome.Handled;
        }
        catch (Exception error)
        {
            return Outcome.Failed(error);
        }
    }
}
