namespace EventBus.Lifecycle;

/// <summary>The events of a type, for observers: each gets a subscription of its own.</summary>
internal sealed class EventObservable<TEvent>(Bus bus, Action<SubscriptionBuilder<TEvent>>? configure) : IObservable<TEvent>
    where TEvent : notnull
{
    public IDisposable Subscribe(IObserver<TEvent> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var observation = new Observation<TEvent>(observer, bus.Parts.Log);
        observation.Begin(bus.Subscribe<TEvent>(observation.HandleAsync, Configure, observation.Complete));
        return observation;
    }

    private void Configure(SubscriptionBuilder<TEvent> subscription)
    {
        subscription.WhenFull(FullQueue.DropOldest).Retry(RetryPolicy.None);
        configure?.Invoke(subscription);
        var settings = subscription.Settings;
        if (settings.Mode != SubscriptionMode.Queued || settings.Concurrency > 1)
        {
            throw new EventBusConfigurationException(
                [$"The subscription of an observer of '{typeof(TEvent).Name}' is to be {(settings.Mode == SubscriptionMode.Queued ? "concurrent" : settings.Mode.ToString().ToLowerInvariant())}, and an observer is told of one event at a time, from the moment on at which it subscribes. Leave it queued, with one worker, or use Subscribe."]);
        }
    }
}
