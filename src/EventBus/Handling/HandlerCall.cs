using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>The last stage: calls the handler and turns what it does into an outcome.</summary>
internal abstract class HandlerCall<T> : AttemptStage<T>
{
    /// <summary>What a handler's task, once it has given one, comes to.</summary>
    protected static ValueTask<Outcome> OutcomeOf(ValueTask handling)
    {
        if (!handling.IsCompletedSuccessfully)
            return AwaitAsync(handling);
        handling.GetAwaiter().GetResult();
        return new(Outcome.Handled);
    }

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
