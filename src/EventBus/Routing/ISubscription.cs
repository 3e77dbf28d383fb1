namespace EventBus;

/// <summary>A named binding of a handler to one or more event types.</summary>
/// <remarks>Disposing ends it: it gets no more events, what waits is dropped, counted and logged, and the call completes when
/// the running handlers have returned, but for those that await such an end themselves. What a durable subscription has not settled stays in the log.</remarks>
public interface ISubscription : IAsyncDisposable
{
    /// <summary>The name, unique in the bus.</summary>
    string Name { get; }

    /// <summary>How it gets its events.</summary>
    DeliveryMode Mode { get; }

    /// <summary>The event types it asked for.</summary>
    IReadOnlyList<Type> EventTypes { get; }

    /// <summary>Whether it is paused.</summary>
    bool IsPaused { get; }

    /// <summary>What became of its deliveries so far.</summary>
    SubscriptionStatistics Statistics { get; }

    /// <summary>Begins no further delivery until <see cref="Resume"/>; those that run go on. Events are accepted all the same, as long
    /// as there is room; a durable subscription leaves the rest in the log. May be called from a handler. Pausing twice is pausing once.</summary>
    /// <exception cref="InvalidOperationException">The subscription is inline: its handlers run within the publish.</exception>
    void Pause();

    /// <summary>Ends a pause.</summary>
    void Resume();
}
