using EventBus.Events;
using EventBus.Handling;
using EventBus.Settling;

namespace EventBus.Routing;

/// <summary>An inline subscription as a route of one event type calls it.</summary>
internal readonly struct InlineTarget<T>(InlineSubscription subscription)
{
    public readonly InlineSubscription Subscription = subscription;
    public readonly AttemptStage<T> Pipeline = subscription is InlineSubscription<T> exact ? exact.Pipeline : new BaseStage(subscription);

    /// <summary>The subscription asked for a base type, an interface or several types.</summary>
    private sealed class BaseStage(InlineSubscription subscription) : AttemptStage<T>
    {
        public override ValueTask<Outcome> RunAsync(T @event, DeliveryContext context, CancellationToken cancellationToken) =>
            subscription.RunAsync(@event!, context, cancellationToken);
    }
}
