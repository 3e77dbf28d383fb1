namespace EventBus.Testing;

/// <summary>An event that was published, what led to it and what it led to. It changes for as long as anything of it is not settled.</summary>
public sealed class RecordedEvent
{
    private readonly EventHistory _history;
    private readonly List<RecordedDelivery> _deliveries = [];

    internal RecordedEvent(EventHistory history, object @event, EventMetadata metadata)
    {
        _history = history;
        Event = @event;
        Metadata = metadata;
    }

    /// <summary>The event.</summary>
    public object Event { get; }

    /// <summary>Its attributes. A key that its type gives it is not among them.</summary>
    public EventMetadata Metadata { get; }

    /// <summary>What its publisher got instead of a success.</summary>
    public Exception? PublishError { get; internal set; }

    /// <summary>Its deliveries, in the order in which they came into being. None if nobody subscribes to it.</summary>
    public IReadOnlyList<RecordedDelivery> Deliveries
    {
        get
        {
            lock (_history.Gate)
                return [.. _deliveries];
        }
    }

    /// <summary>The event whose handling led to this one; nothing where none did.</summary>
    public RecordedEvent? Cause => _history.CauseOf(this);

    /// <summary>The events that its handlers published, in order.</summary>
    public IReadOnlyList<RecordedEvent> Effects => _history.EffectsOf(this);

    /// <summary>Its latest delivery to a subscription.</summary>
    /// <param name="subscription">The subscription's name.</param>
    /// <exception cref="ExpectationFailedException">It was not delivered to that subscription.</exception>
    public RecordedDelivery To(string subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        return Deliveries.LastOrDefault(delivery => delivery.Subscription == subscription)
            ?? throw new ExpectationFailedException($"{FlowText.Of(Event)} was not delivered to '{subscription}'.{Environment.NewLine}{FlowText.Of([this])}");
    }

    /// <summary>The events of a type that it led to, directly or through others, in order.</summary>
    public IReadOnlyList<T> Caused<T>()
    {
        var caused = new List<T>();
        Collect(this);
        return caused;

        void Collect(RecordedEvent cause)
        {
            foreach (var effect in cause.Effects)
            {
                if (effect is { IsAccepted: true, Event: T of })
                    caused.Add(of);
                Collect(effect);
            }
        }
    }

    /// <summary>The event and all that it led to, as a tree.</summary>
    public override string ToString() => FlowText.Of([this]);

    internal int Publishers { get; set; }

    /// <summary>Whether it is known from a delivery alone.</summary>
    internal bool IsFound { get; set; }

    /// <summary>Whether its publish is over and somebody has it, or would have.</summary>
    internal bool IsAccepted => Publishers == 0 && PublishError is not (PublishException or OperationCanceledException);

    internal List<RecordedDelivery> DeliveryList => _deliveries;
}
