namespace EventBus.Testing;

/// <summary>What happened in a bus: which events were published, what led to which, who handled them and how. It outlives a crash.</summary>
/// <remarks>Thread-safe. Ask when the bus is idle: <see cref="TestBus.WhenIdleAsync()"/>. Its text, <see cref="ToString"/>, is good to be given to an assertion.</remarks>
public sealed class EventHistory
{
    private readonly HistoryRecorder _recorder;

    internal EventHistory(HistoryRecorder recorder) => _recorder = recorder;

    /// <summary>Every event, in the order in which it was published.</summary>
    public IReadOnlyList<RecordedEvent> Events
    {
        get
        {
            lock (Gate)
                return [.. _recorder.Events];
        }
    }

    internal object Gate => _recorder.Gate;

    /// <summary>The events of a type that were published, in order. A base type, an interface or <see cref="object"/> gets every event of it.</summary>
    /// <remarks>An event that its publisher could not publish is not among them.</remarks>
    public IReadOnlyList<T> Published<T>() => [.. Events.Where(static recorded => recorded.IsAccepted).Select(static recorded => recorded.Event).OfType<T>()];

    /// <summary>The events of a type that a subscription has handled, in the order in which it did.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <exception cref="ExpectationFailedException">Nothing was ever delivered to a subscription of that name.</exception>
    public IReadOnlyList<T> HandledBy<T>(string subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        var all = Deliveries();
        if (!all.Exists(delivery => delivery.Subscription == subscription))
            throw new ExpectationFailedException(NeverDelivered(subscription, all));
        return [.. all.Where(delivery => delivery.State == DeliveryState.Handled && delivery.Subscription == subscription)
            .OrderBy(static delivery => delivery.SettledAs).Select(static delivery => delivery.Event.Event).OfType<T>()];
    }

    /// <summary>The deliveries whose handler failed at least once, whatever came of it.</summary>
    /// <param name="subscription">Only those of this subscription; default: of all.</param>
    public IReadOnlyList<RecordedDelivery> Failed(string? subscription = null) => DeliveriesOf(subscription, static delivery => delivery.Error is not null);

    /// <summary>The deliveries that were tried more than once, or will be.</summary>
    /// <inheritdoc cref="Failed" path="/param"/>
    public IReadOnlyList<RecordedDelivery> Retried(string? subscription = null) =>
        DeliveriesOf(subscription, static delivery => delivery.State == DeliveryState.Retrying || delivery.Attempts.Count > 1);

    /// <summary>The deliveries that were given up.</summary>
    /// <inheritdoc cref="Failed" path="/param"/>
    public IReadOnlyList<RecordedDelivery> DeadLettered(string? subscription = null) => DeliveriesOf(subscription, static delivery => delivery.State == DeliveryState.DeadLettered);

    /// <summary>What is known of one event that was published.</summary>
    /// <param name="event">The event; of several that are equal, the very instance, else the first.</param>
    /// <exception cref="ExpectationFailedException">It was not published.</exception>
    public RecordedEvent Of(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var events = Events;
        return events.FirstOrDefault(recorded => ReferenceEquals(recorded.Event, @event))
            ?? events.FirstOrDefault(recorded => recorded.Event.Equals(@event))
            ?? throw new ExpectationFailedException($"{FlowText.Of(@event)} was not published.{Environment.NewLine}{this}");
    }

    /// <summary>Forgets everything that is over.</summary>
    public void Clear() => _recorder.Clear();

    /// <summary>Everything as trees: each event under the one that led to it, with its deliveries, their attempts and what came of them.</summary>
    public override string ToString() => FlowText.Of([.. Events.Where(static recorded => recorded.Cause is null)]);

    internal RecordedEvent? CauseOf(RecordedEvent effect)
    {
        lock (Gate)
            return _recorder.CauseOf(effect);
    }

    internal IReadOnlyList<RecordedEvent> EffectsOf(RecordedEvent cause)
    {
        lock (Gate)
            return _recorder.EffectsOf(cause);
    }

    private static string NeverDelivered(string subscription, List<RecordedDelivery> all)
    {
        var known = all.Select(static delivery => delivery.Subscription).Distinct().Order(StringComparer.Ordinal).ToList();
        return $"Nothing was delivered to a subscription '{subscription}'. "
            + (known.Count == 0 ? "Nothing was delivered to anybody." : $"There were deliveries to: {string.Join(", ", known)}.");
    }

    private IReadOnlyList<RecordedDelivery> DeliveriesOf(string? subscription, Func<RecordedDelivery, bool> which) =>
        [.. Deliveries().Where(delivery => (subscription is null || delivery.Subscription == subscription) && which(delivery))];

    private List<RecordedDelivery> Deliveries()
    {
        lock (Gate)
            return [.. _recorder.Events.SelectMany(static recorded => recorded.DeliveryList)];
    }
}
