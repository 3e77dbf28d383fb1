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
        subscription.WhenFull(QueueFullMode.DropOldest).Retry(RetryPolicy.None);
        configure?.Invoke(subscription);
        // What calls would overlap with is looked for when the application's configuration has had its say, too.
        subscription.Settings.IsObservers = true;
    }
}
