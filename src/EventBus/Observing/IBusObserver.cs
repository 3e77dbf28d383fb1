namespace EventBus.Observing;

/// <summary>Looks on at everything that a bus does with its events. Composed in when the bus is built: a bus that nobody looks at makes none of these calls, and asks
/// nobody whether it should.</summary>
/// <remarks>Called on the bus's own threads, from many at once. Must not throw, and must not wait.</remarks>
internal interface IBusObserver
{
    /// <summary>An event is about to be published: nobody has it yet.</summary>
    /// <param name="event">The event.</param>
    /// <param name="metadata">The event's attributes.</param>
    /// <param name="by">The subscription whose handler publishes it, where it still runs.</param>
    void Publishing(object @event, EventMetadata metadata, string? by);

    /// <summary>A publish is over.</summary>
    /// <param name="metadata">The event, with its sequence if it is in the log.</param>
    /// <param name="durable">The durable subscriptions that get it from there.</param>
    /// <param name="failure">What its publisher got.</param>
    void Published(EventMetadata metadata, IReadOnlyList<string> durable, Exception? failure);

    /// <summary>A subscription is about to be given an event.</summary>
    void Accepting(object @event, EventMetadata delivery);

    /// <summary>It did not take the event.</summary>
    void NotAccepted(EventMetadata delivery);

    /// <summary>A publisher begins to wait for room, or has waited.</summary>
    void WaitingForRoom(EventMetadata delivery, bool begins);

    /// <summary>An attempt is over, or a delivery without one; an inline delivery with all its attempts.</summary>
    /// <param name="event">The event.</param>
    /// <param name="delivery">The delivery and its attempt.</param>
    /// <param name="fate">What becomes of it.</param>
    /// <param name="error">Why, where something failed.</param>
    /// <param name="took">How long the attempt took, on the coarse clock.</param>
    /// <param name="wait">How long it waits for the next.</param>
    void Settled(object @event, EventMetadata delivery, DeliveryFate fate, Exception? error, TimeSpan took, TimeSpan wait);

    /// <summary>What comes again waits by now: time may pass.</summary>
    void Parked(EventMetadata delivery);

    /// <summary>A subscription has ended. What it had not settled is dropped, unless it is in the log.</summary>
    void Ended(string subscription);
}

/// <summary>What becomes of a delivery.</summary>
internal enum DeliveryFate
{
    Handled,

    /// <summary>Inline only: the publisher gets the failure.</summary>
    Failed,
    Filtered,
    Expired,
    Duplicate,
    Dropped,
    DeadLettered,

    /// <summary>It comes again after a failed attempt.</summary>
    Retried,

    /// <summary>It could not be tried and comes again.</summary>
    Postponed,
}
