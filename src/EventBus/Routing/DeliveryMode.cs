namespace EventBus;

/// <summary>How a subscription gets its events, and with it what is promised.</summary>
public enum DeliveryMode
{
    /// <summary>From a bounded queue, by workers of its own. The default.</summary>
    Queued,

    /// <summary>Within the publish: the publisher waits for the handler and gets its failure.</summary>
    Inline,

    /// <summary>From the event log, where it is kept until it is settled, across crashes and restarts; by workers of its own.</summary>
    Durable,

    /// <summary>From a bounded buffer, by whoever reads the stream: <see cref="IEventBus.StreamAsync{TEvent}"/>. Lasts as long as the reading.</summary>
    Stream,
}
