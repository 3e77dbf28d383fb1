namespace EventBus.Observing;

/// <summary>Two who look on at one bus.</summary>
internal sealed class ObserverPair(IBusObserver first, IBusObserver second) : IBusObserver
{
    /// <returns>Both, the one that there is, or nothing.</returns>
    public static IBusObserver? Of(IBusObserver? first, IBusObserver? second) =>
        first is null ? second : second is null ? first : new ObserverPair(first, second);

    public void Publishing(object @event, EventMetadata metadata, string? by)
    {
        first.Publishing(@event, metadata, by);
        second.Publishing(@event, metadata, by);
    }

    public void Published(EventMetadata metadata, IReadOnlyList<string> durable, Exception? failure)
    {
        first.Published(metadata, durable, failure);
        second.Published(metadata, durable, failure);
    }

    public void Accepting(object @event, EventMetadata delivery)
    {
        first.Accepting(@event, delivery);
        second.Accepting(@event, delivery);
    }

    public void NotAccepted(EventMetadata delivery)
    {
        first.NotAccepted(delivery);
        second.NotAccepted(delivery);
    }

    public void WaitingForRoom(EventMetadata delivery, bool begins)
    {
        first.WaitingForRoom(delivery, begins);
        second.WaitingForRoom(delivery, begins);
    }

    public void Settled(object @event, EventMetadata delivery, DeliveryFate fate, Exception? error, TimeSpan took, TimeSpan wait)
    {
        first.Settled(@event, delivery, fate, error, took, wait);
        second.Settled(@event, delivery, fate, error, took, wait);
    }

    public void Parked(EventMetadata delivery)
    {
        first.Parked(delivery);
        second.Parked(delivery);
    }

    public void Ended(string subscription)
    {
        first.Ended(subscription);
        second.Ended(subscription);
    }
}
