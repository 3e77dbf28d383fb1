using EventBus.Events;

namespace EventBus.Settling;

/// <summary>The one place where a subscription's deliveries are settled.</summary>
internal interface ISettler
{
    /// <returns>How the delivery waits for its next attempt, or nothing if it is settled.</returns>
    ValueTask<Parking?> SettleAsync(Outcome outcome, object @event, DeliveryContext context, RetryState? retry, TimeSpan took);

    /// <summary>A delivery that was to wait does so now.</summary>
    void Parked(object @event, DeliveryContext context);

    void CountDropped(object @event, string eventType, in Stamp stamp, EventDetails? details, EventIdentity identity);
}
