using EventBus.DependencyInjection;

namespace EventBus;

/// <summary>Configures a subscription to one event type.</summary>
/// <typeparam name="TEvent">The event type.</typeparam>
public sealed class SubscriptionBuilder<TEvent> : SubscriptionBuilderOf<SubscriptionBuilder<TEvent>>
    where TEvent : notnull
{
    internal SubscriptionBuilder()
    {
    }

    internal Func<TEvent, bool>? Wanted { get; private set; }

    internal Func<TEvent, string?>? IdempotencyKey { get; private set; }

    internal KeyedQueue<TEvent>? Queue { get; private set; }

    internal Func<TEvent, string?>? DurableKey { get; private set; }

    internal Type? KeyType { get; private set; }

    /// <summary>Keeps the events of a key in publish order, one at a time; events of different keys are handled at once, up to the concurrency.</summary>
    /// <typeparam name="TKey">Any type with value equality.</typeparam>
    /// <param name="key">Reads the key. Called by the publisher, before the event is queued; durable: by the thread that writes or reads the log. Null means that the event is in nobody's order. Durable: a string, a number, a
    /// <see cref="Guid"/>, an enum, a date or time, or a tuple of them, because the key is stored as text.</param>
    public SubscriptionBuilder<TEvent> OrderedBy<TKey>(Func<TEvent, TKey> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Settings.IsOrdered = true;
        Queue = KeyedQueue<TEvent>.By(key);
        DurableKey = @event => KeyText.Of(key(@event));
        KeyType = typeof(TKey);
        return this;
    }

    /// <summary>Handles only what the predicate holds for; the rest is settled as filtered. A predicate that throws is a failed attempt.
    /// Several are all asked.</summary>
    /// <param name="predicate">Called on a worker thread, inline on the publisher's.</param>
    public SubscriptionBuilder<TEvent> Where(Func<TEvent, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        Wanted = Wanted is { } others ? @event => others(@event) && predicate(@event) : predicate;
        return this;
    }

    /// <summary>Puts a lambda around every attempt of this subscription.</summary>
    /// <param name="middleware">Called as <see cref="IEventMiddleware.HandleAsync"/> is.</param>
    public SubscriptionBuilder<TEvent> AddMiddleware(Func<TEvent, EventContext, IEventHandler<TEvent>, CancellationToken, ValueTask> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return Add(new MiddlewareLambda<TEvent>(middleware));
    }

    /// <summary>Puts a lambda that needs a service around every attempt of this subscription. The service comes from the delivery's scope; a subscription that had none gets one.</summary>
    /// <param name="middleware">Called as <see cref="IEventMiddleware.HandleAsync"/> is, with the service.</param>
    public SubscriptionBuilder<TEvent> AddMiddleware<TService>(Func<TEvent, TService, EventContext, IEventHandler<TEvent>, CancellationToken, ValueTask> middleware)
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return Add(MiddlewareLambda<TEvent>.With(middleware));
    }

    /// <summary>Refuses events that are not valid, before the handler sees them: they are not retried, and the dead letter says what is wrong. Inline, the publisher gets an <see cref="InvalidEventException"/>.</summary>
    /// <param name="mistake">Says what is wrong with an event; null for one that is valid.</param>
    public SubscriptionBuilder<TEvent> Validate(Func<TEvent, string?> mistake)
    {
        ArgumentNullException.ThrowIfNull(mistake);
        return Add(Validation.Of(mistake));
    }

    /// <summary>Recognises deliveries that were completed before by something in the event itself.</summary>
    /// <param name="key">Reads the key; null falls back to the event's id.</param>
    /// <param name="window">How long they are remembered; positive; default <see cref="SubscriptionSettings.DefaultIdempotencyWindow"/>.</param>
    public SubscriptionBuilder<TEvent> Idempotent(Func<TEvent, string?> key, TimeSpan? window = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        IdempotencyKey = key;
        return Idempotent(window);
    }
}
