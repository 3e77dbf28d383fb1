using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;

namespace EventBus.Checkpointing;

/// <summary>During a replay: what was handled before is handled again by intent, and recognised apart from the live deliveries.</summary>
internal sealed class ReplayStage<T>(IdempotencyStage<T> replayed, IdempotencyStage<T> live) : AttemptStage<T>, IWatched
{
    public TimeSpan Period => live.Period;

    public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken) =>
        (context.IsReplay ? replayed : live).RunAsync(@event, context, cancellationToken);

    public void Check()
    {
        replayed.Check();
        live.Check();
    }
}
