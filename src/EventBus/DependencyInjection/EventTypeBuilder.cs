using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EventBus.DependencyInjection;
using EventBus.Handling;
using EventBus.Observing;

namespace EventBus;

/// <summary>Tells the bus something about an event type, for all its subscriptions.</summary>
/// <typeparam name="TEvent">The event type; what is said of a base type or an interface holds for every event of it.</typeparam>
public sealed class EventTypeBuilder<TEvent>
    where TEvent : notnull
{
    internal EventTypeBuilder()
    {
    }

    internal Func<object, string?>? KeyText { get; private set; }

    internal bool RunsInlineConcurrently { get; private set; }

    internal string? StoredName { get; private set; }

    internal int Version { get; private set; } = 1;

    // Full names of nested generic types are long.
    private const int MaxNameLength = 1000;

    internal List<string> Aliases { get; } = [];

    internal bool IsLogged { get; private set; }

    internal bool IsStoredInPart { get; private set; }

    internal List<Middleware> Middleware { get; } = [];

    internal List<EnricherChoice> Enrichers { get; } = [];

    /// <summary>The event's own key: the value whose events stay in order, where neither the subscription nor the publisher says otherwise.</summary>
    /// <param name="key">Reads the key; compared as text, formatted without a culture. Null means that the event is in nobody's order.</param>
    public EventTypeBuilder<TEvent> Key(Func<TEvent, object?> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyText = @event => key((TEvent)@event) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;
        return this;
    }

    /// <summary>The name and version under which the event is stored, instead of those of <see cref="EventTypeAttribute"/> or of the .NET name.</summary>
    /// <param name="name">The name; not empty.</param>
    /// <param name="version">The version of the event's shape; at least 1.</param>
    public EventTypeBuilder<TEvent> Named(string name, int version = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        // It stands in log lines, in metrics and in the stored file.
        if (name.Length > MaxNameLength || name.Any(static letter => char.IsControl(letter) || letter is '\u2028' or '\u2029'))
            throw new ArgumentException($"The event type name '{LogText.Safe(name)}' is not allowed: names have 1 to {MaxNameLength} characters, without line breaks and control characters. Give another in Named(...).", nameof(name));
        StoredName = name;
        Version = version;
        return this;
    }

    /// <summary>A name that the event type had before: what is stored under it is read as this type. Several calls add up.</summary>
    public EventTypeBuilder<TEvent> Alias(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Aliases.Add(name);
        return this;
    }

    /// <summary>Writes every event of this type to the event log, even where no durable subscription gets it: to be read or replayed later.</summary>
    public EventTypeBuilder<TEvent> Logged()
    {
        IsLogged = true;
        return this;
    }

    /// <summary>Says that it is meant where an event that comes back from storage is not all of the one that was published, which is refused otherwise: when the bus is built, or when the first event of
    /// the type is stored. For one member, <c>[JsonIgnore]</c> says it more exactly.</summary>
    public EventTypeBuilder<TEvent> StoresPart()
    {
        IsStoredInPart = true;
        return this;
    }

    /// <summary>Gives every event of this type attributes when it is published, after the bus's own enrichers. Several are called in the order of the calls.</summary>
    /// <param name="enrich">Called as <see cref="IEventEnricher.EnrichAsync"/> is.</param>
    public EventTypeBuilder<TEvent> Enrich(Func<TEvent, EventEnrichment, CancellationToken, ValueTask> enrich)
    {
        ArgumentNullException.ThrowIfNull(enrich);
        Enrichers.Add(new EnricherChoice(typeof(TEvent), new EnricherLambda<TEvent>(enrich), null));
        return this;
    }

    /// <summary>Puts a middleware around every attempt to handle an event of this type, within those of the bus. Several are nested in the order of the calls, the first outermost.</summary>
    /// <inheritdoc cref="SubscriptionBuilderOf{TSelf}.AddMiddleware{TMiddleware}(HandlerLifetime)" path="/typeparam|/param"/>
    public EventTypeBuilder<TEvent> AddMiddleware<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>(HandlerLifetime lifetime = HandlerLifetime.Scoped)
        where TMiddleware : class, IEventMiddleware =>
        Add(new MiddlewareOfEvent<TEvent>(new MiddlewareClass<TMiddleware>(lifetime)));

    /// <summary>Puts a middleware around every attempt to handle an event of this type, within those of the bus.</summary>
    /// <param name="middleware">The middleware, used for every event and disposed by nobody.</param>
    public EventTypeBuilder<TEvent> AddMiddleware(IEventMiddleware middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return Add(new MiddlewareOfEvent<TEvent>(new MiddlewareInstance(_ => middleware)));
    }

    /// <summary>Puts a lambda around every attempt to handle an event of this type.</summary>
    /// <param name="middleware">Called as <see cref="IEventMiddleware.HandleAsync"/> is.</param>
    public EventTypeBuilder<TEvent> AddMiddleware(Func<TEvent, EventContext, IEventHandler<TEvent>, CancellationToken, ValueTask> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return Add(new MiddlewareLambda<TEvent>(middleware));
    }

    /// <summary>Puts a lambda that needs a service around every attempt to handle an event of this type. The service comes from the delivery's scope; a subscription that had none gets one.</summary>
    /// <param name="middleware">Called as <see cref="IEventMiddleware.HandleAsync"/> is, with the service.</param>
    public EventTypeBuilder<TEvent> AddMiddleware<TService>(Func<TEvent, TService, EventContext, IEventHandler<TEvent>, CancellationToken, ValueTask> middleware)
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return Add(MiddlewareLambda<TEvent>.With(middleware));
    }

    /// <summary>Refuses events that are not valid, before the handler sees them: they are not retried, and the dead letter says what is wrong. Inline, the publisher gets an <see cref="InvalidEventException"/>.</summary>
    /// <param name="mistake">Says what is wrong with an event; null for one that is valid.</param>
    public EventTypeBuilder<TEvent> Validate(Func<TEvent, string?> mistake)
    {
        ArgumentNullException.ThrowIfNull(mistake);
        return Add(Validation.Of(mistake));
    }

    /// <inheritdoc cref="SubscriptionBuilderOf{TSelf}.MapException{TException}"/>
    public EventTypeBuilder<TEvent> MapException<TException>(Func<TException, Exception?> map)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(map);
        return AddMiddleware(new ExceptionMapping<TException>(map));
    }

    /// <summary>Runs the inline handlers of this event at the same time instead of one after the other. All are awaited.</summary>
    public EventTypeBuilder<TEvent> InlineConcurrently()
    {
        RunsInlineConcurrently = true;
        return this;
    }

    private EventTypeBuilder<TEvent> Add(Middleware middleware)
    {
        Middleware.Add(middleware);
        return this;
    }
}
