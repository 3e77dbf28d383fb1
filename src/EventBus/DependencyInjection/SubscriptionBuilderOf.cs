using System.Diagnostics.CodeAnalysis;
using EventBus.DependencyInjection;
using EventBus.Handling;

namespace EventBus;

/// <summary>What all subscriptions can be told. Bounds and combinations are checked when the bus is built.</summary>
/// <typeparam name="TSelf">The builder itself, for chaining.</typeparam>
public abstract class SubscriptionBuilderOf<TSelf>
    where TSelf : SubscriptionBuilderOf<TSelf>
{
    private protected SubscriptionBuilderOf()
    {
    }

    internal SubscriptionSettings Settings { get; } = new();

    private TSelf Self => (TSelf)this;

    /// <summary>Names the subscription. The name is unique in the bus, should stay the same across deployments, and matches <c>[A-Za-z0-9._-]{1,100}</c>.
    /// Default: the handler's full name, with "/" and the event's name where it handles several; <c>{event}-{n}</c> for a lambda.</summary>
    public TSelf Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Settings.GivenName = name;
        return Self;
    }

    /// <summary>Runs the handler within the publish: the publisher waits for it and gets its failure. In the order of registration,
    /// unless the event type asks for <see cref="EventTypeBuilder{TEvent}.InlineConcurrently"/>.</summary>
    /// <param name="scope">Which dependency injection scope a scoped handler gets.</param>
    public TSelf Inline(InlineScope scope = InlineScope.Own)
    {
        Settings.Mode = DeliveryMode.Inline;
        Settings.InlineScope = scope;
        return Self;
    }

    /// <summary>Delivers from the event log: at least once, in log order per key, across crashes and restarts. The subscription needs a name (<see cref="Named"/>), under
    /// which its state is kept, and the bus an event log.</summary>
    /// <param name="from">Where it begins when the log does not know it yet; default <see cref="LogPosition.Latest"/>: with what is published after the start that first has it.</param>
    public TSelf Durable(LogPosition from = default)
    {
        Settings.Mode = DeliveryMode.Durable;
        Settings.StartFrom = from;
        return Self;
    }

    /// <summary>Durable only: goes on where a subscription of another name was, if the log knows that one and not this. Several calls add up.</summary>
    public TSelf FormerlyNamed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Settings.FormerNames = [.. Settings.FormerNames, name];
        return Self;
    }

    /// <inheritdoc cref="SubscriptionSettings.MaxParked"/>
    public TSelf MaxParked(int maxParked)
    {
        Settings.MaxParked = maxParked;
        return Self;
    }

    /// <summary>One handler for the bus. A registration that the application made itself goes before it.</summary>
    public TSelf AsSingleton() => WithLifetime(HandlerLifetime.Singleton);

    /// <summary>A handler for each delivery, in a scope of its own; the default.</summary>
    public TSelf AsScoped() => WithLifetime(HandlerLifetime.Scoped);

    /// <summary>A handler for each delivery, in a scope of its own.</summary>
    public TSelf AsTransient() => WithLifetime(HandlerLifetime.Transient);

    /// <inheritdoc cref="SubscriptionSettings.Capacity"/>
    public TSelf Capacity(int capacity)
    {
        Settings.Capacity = capacity;
        return Self;
    }

    /// <inheritdoc cref="SubscriptionSettings.Reserve"/>
    public TSelf Reserve(int reserve)
    {
        Settings.Reserve = reserve;
        return Self;
    }

    /// <inheritdoc cref="SubscriptionSettings.MaxPerKey"/>
    public TSelf MaxPerKey(int maxPerKey)
    {
        Settings.MaxPerKey = maxPerKey;
        return Self;
    }

    /// <inheritdoc cref="SubscriptionSettings.WhenFull"/>
    public TSelf WhenFull(QueueFullMode mode)
    {
        Settings.WhenFull = mode;
        return Self;
    }

    /// <summary>How many deliveries are handled at once. Events of one key never are. From 1 to <see cref="SubscriptionSettings.MaxConcurrency"/>; default 1.</summary>
    public TSelf Concurrency(int concurrency)
    {
        Settings.Concurrency = concurrency;
        return Self;
    }

    /// <summary>One order for all events: a delivery that waits for its retry holds up the whole subscription. Without it, and without
    /// a key, events are begun in the order in which they were accepted, and one that waits for its retry is overtaken.</summary>
    public TSelf StrictlyOrdered()
    {
        Settings.IsStrictlyOrdered = true;
        return Self;
    }

    /// <inheritdoc cref="SubscriptionSettings.Retry"/>
    public TSelf Retry(RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Settings.Retry = policy;
        return Self;
    }

    /// <summary>Bounds how many retries begin per second, so that many failures at once do not come back at once. What exceeds it waits longer;
    /// nothing is lost.</summary>
    /// <param name="retriesPerSecond">Positive.</param>
    /// <param name="burst">How many may begin at once; at least 1; default: one second's worth.</param>
    public TSelf RetryBudget(double retriesPerSecond, int? burst = null)
    {
        Settings.RetriesPerSecond = retriesPerSecond;
        Settings.RetryBurst = burst;
        return Self;
    }

    /// <inheritdoc cref="SubscriptionSettings.Timeout"/>
    public TSelf Timeout(TimeSpan timeout)
    {
        Settings.Timeout = timeout;
        return Self;
    }

    /// <inheritdoc cref="SubscriptionSettings.StuckAfter"/>
    public TSelf ReportStuckAfter(TimeSpan time)
    {
        Settings.StuckAfter = time;
        return Self;
    }

    /// <summary>What becomes of a delivery whose handler has been reported as stuck.</summary>
    /// <param name="handling">The choice.</param>
    /// <param name="max">With <see cref="StuckHandlerAction.Abandon"/>: how many abandoned handlers may be out at once; from 1 to <see cref="SubscriptionSettings.MaxConcurrency"/>.</param>
    public TSelf WhenStuck(StuckHandlerAction handling, int max = 1)
    {
        Settings.WhenStuck = handling;
        Settings.MaxAbandoned = max;
        return Self;
    }

    /// <summary>Recognises deliveries that were completed before, by the event's id, and skips them. The bus's idempotency store remembers them.</summary>
    /// <param name="window">How long they are remembered; positive; default <see cref="SubscriptionSettings.DefaultIdempotencyWindow"/>.</param>
    public TSelf Idempotent(TimeSpan? window = null)
    {
        Settings.IsIdempotent = true;
        Settings.IdempotencyWindow = window;
        return Self;
    }

    /// <summary>Puts a middleware around every attempt of this subscription, within those of the bus and of the event type. Several are nested in the order of the calls, the first outermost.</summary>
    /// <typeparam name="TMiddleware">The middleware. Registered with the container, unless the application did so itself.</typeparam>
    /// <param name="lifetime">How long it lives, as a handler does. One that is no singleton is made for each delivery, in the scope of that; a subscription that had none gets one.</param>
    public TSelf AddMiddleware<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TMiddleware>(HandlerLifetime lifetime = HandlerLifetime.Scoped)
        where TMiddleware : class, IEventMiddleware =>
        Add(new MiddlewareClass<TMiddleware>(lifetime));

    /// <summary>Puts a middleware around every attempt of this subscription, within those of the bus and of the event type.</summary>
    /// <param name="middleware">The middleware, used for every event and disposed by nobody.</param>
    public TSelf AddMiddleware(IEventMiddleware middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        return Add(new MiddlewareInstance(_ => middleware));
    }

    /// <summary>Replaces an exception that the handler throws by one that says whether trying again makes sense: a <see cref="DoNotRetryException"/> or a <see cref="RetryAfterException"/>.</summary>
    /// <typeparam name="TException">The exception; those derived from it count too, but for <see cref="QueueFullException"/>, which is no failure of the handler's.</typeparam>
    /// <param name="map">Gives what is thrown in its place, or null to leave it.</param>
    public TSelf MapException<TException>(Func<TException, Exception?> map)
        where TException : Exception
    {
        ArgumentNullException.ThrowIfNull(map);
        return AddMiddleware(new ExceptionMapping<TException>(map));
    }

    /// <summary>Begins paused: nothing is handled until <see cref="ISubscription.Resume"/>.</summary>
    public TSelf StartPaused()
    {
        Settings.StartsPaused = true;
        return Self;
    }

    private protected TSelf Add(Middleware middleware)
    {
        Settings.Middleware.Add(middleware);
        return Self;
    }

    private TSelf WithLifetime(HandlerLifetime lifetime)
    {
        Settings.Lifetime = lifetime;
        return Self;
    }
}
