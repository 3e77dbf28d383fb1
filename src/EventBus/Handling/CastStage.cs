using EventBus.Events;
using EventBus.Settling;

namespace EventBus.Handling;

/// <summary>Lets a stage for one event type stand in a subscription of several.</summary>
internal sealed class CastStage<T>(AttemptStage<T> next) : AttemptStage<object>
{
    public override ValueTask<Outcome> RunAsync(object @event, DeliveryContext context, CancellationToken cancellationToken) =>
        next.RunAsync((T)@event, context, cancellationToken);
}
