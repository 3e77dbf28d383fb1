using System.Runtime.CompilerServices;
using EventBus.Events;
using EventBus.Settling;
using EventBus.Timing;

namespace EventBus.Handling;

/// <summary>The last stage: calls the handler and turns what it does into an outcome.</summary>
internal abstract class HandlerCall<T> : AttemptStage<T>
{
    /// <summary>Tells of the attempt, while somebody listens.</summary>
    public required AttemptTelemetry? Telemetry { get; init; }

    /// <summary>Calls the handler. What is thrown, at once or by the task, is for the caller to turn into an outcome.</summary>
    public abstract ValueTask CallAsync(T @event, DeliveryContext context, CancellationToken cancellationToken);

    public sealed override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken) =>
        Telemetry is { IsWanted: true } telemetry ? telemetry.RunAsync(this, @event, context, cancellationToken) : TryAsync(@event, context, cancellationToken);

    /// <summary>Calls the handler, and tells nobody.</summary>
    public ValueTask<Outcome> TryAsync(T @event, DeliveryContext context, CancellationToken cancellationToken)
    {
        ValueTask handling;
        try
        {
            handling = CallAsync(@event, context, cancellationToken);
        }
        catch (Exception error)
        {
            return new(Outcome.Failed(error));
        }

        return OutcomeOf(handling);
    }

    /// <summary>What a handler's task, once it has given one, comes to.</summary>
    public static ValueTask<Outcome> OutcomeOf(ValueTask handling)
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
            await pending.AnyContext();
            return Outcome.Handled;
        }
        catch (Exception error)
        {
            return Outcome.Failed(error);
        }
    }
}
