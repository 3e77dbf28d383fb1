using System.Collections;
using System.Collections.Concurrent;
using EventBus.Events;
using EventBus.Recording;
using EventBus.Timing;

namespace EventBus.Routing;

/// <summary>Which subscriptions each event type goes to. Read without a lock; a subscription that comes or goes makes new routes for
/// the types it concerns.</summary>
/// <param name="bus">What every route of the bus shares.</param>
/// <param name="names">What is known about event types.</param>
/// <param name="close">Makes the subscriptions of open handlers to an event type that is new, and has them added with <see cref="AddClosed"/>; none where there are no such handlers.</param>
internal sealed class RouteTable(RouteContext bus, EventNames names, Action<Type>? close = null)
{
    private readonly object _gate = new();
    private readonly ConcurrentDictionary<Type, RouteSlot> _exact = new();
    private readonly ConcurrentDictionary<Type, RouteSlot<object>> _byRuntimeType = new();
    private readonly List<Subscription> _ending = [];

    // Types that were published and had no subscription. A type may have two slots, and is told of once.
    private readonly ConcurrentDictionary<Type, bool> _unheardOf = new();

    // The types that open handlers were closed for.
    private readonly HashSet<Type> _closed = [];
    private Subscription[] _subscriptions = [];
    private Subscription[] _unfinished = [];
    private bool _isShut;

    public IReadOnlyList<Subscription> Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>All of them, and those that get nothing more and still have handlers that run.</summary>
    public IReadOnlyList<Subscription> Unfinished => Volatile.Read(ref _unfinished);

    /// <summary>Writes to the event log; none where the bus has none.</summary>
    public Recorder? Recorder => bus.Recorder;

    public bool AnyInline => Slots.Any(static slot => slot.AnyInline);

    private IEnumerable<RouteSlot> Slots => _exact.Values.Concat(_byRuntimeType.Values);

    /// <summary>The route of events whose static type is also their runtime type.</summary>
    public RouteSlot<T> For<T>()
    {
        if (_exact.TryGetValue(typeof(T), out var known))
            return (RouteSlot<T>)known;
        Close(typeof(T));
        lock (_gate)
            return (RouteSlot<T>)_exact.GetOrAdd(typeof(T), _ => Fill(new RouteSlot<T>(typeof(T))));
    }

    /// <summary>The route of an event whose type is only known from the event itself.</summary>
    public RouteSlot<object> ForRuntimeType(Type type)
    {
        if (_byRuntimeType.TryGetValue(type, out var known))
            return known;
        Close(type);
        lock (_gate)
            return _byRuntimeType.GetOrAdd(type, _ => Fill(new RouteSlot<object>(type)));
    }

    /// <summary>Whether this is the first time that an event of the type was found to have no subscription, published as itself or as a base type.</summary>
    public bool IsFirstUnheardOf(Type eventType) => _unheardOf.TryAdd(eventType, true);

    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    /// <exception cref="ObjectDisposedException">Nothing is added any more.</exception>
    public void Add(Subscription[] subscriptions)
    {
        lock (_gate)
        {
            // Nobody would ever end it.
            ObjectDisposedException.ThrowIf(_isShut, bus.Host);
            var names = new HashSet<string>();
            foreach (var known in _subscriptions)
                names.Add(known.Name);
            foreach (var added in subscriptions)
            {
                if (!names.Add(added.Name))
                    throw NameTaken(added.Name);
            }

            foreach (var closed in subscriptions)
            {
                if (closed.IsOfOneType)
                    _closed.Add(closed.EventTypes[0]);
            }

            Change(_subscriptions.Length == 0 ? subscriptions : [.. _subscriptions, .. subscriptions], subscriptions);
        }
    }

    /// <summary>Adds the subscriptions of open handlers to an event type. Of two threads that come with a new type one keeps what it made.</summary>
    public void AddClosed(Type eventType, Subscription[] closed)
    {
        lock (_gate)
        {
            if (_isShut || _closed.Contains(eventType))
                return;
            if (closed.Length > 0)
                Add(closed);
            // Not before: what could not be added is to be told of with each event, and not with the first alone.
            _closed.Add(eventType);
        }
    }

    /// <summary>From here on nothing is added: the bus is disposed.</summary>
    public void Shut()
    {
        lock (_gate)
            _isShut = true;
    }

    /// <summary>The subscription gets nothing more. It counts as unfinished until <see cref="Forget"/>.</summary>
    public void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            if (!_subscriptions.Contains(subscription))
                return;
            _ending.Add(subscription);
            Change([.. _subscriptions.Where(other => !ReferenceEquals(other, subscription))], [subscription]);
        }
    }

    /// <returns>Whether that had not been done.</returns>
    public bool Forget(Subscription subscription)
    {
        lock (_gate)
        {
            var ended = _ending.Remove(subscription);
            Volatile.Write(ref _unfinished, [.. _subscriptions, .. _ending]);
            return ended;
        }
    }

    /// <summary>Ends those that do not outlive a stop. They are out of the routes when this returns; a handler that has not returned is not waited for.</summary>
    public void EndWithTheBus(WorkStarter starter)
    {
        foreach (var subscription in Subscriptions)
        {
            if (!subscription.EndsWithTheBus)
                continue;
            Remove(subscription);
            starter.Start(() => subscription.DisposeAsync().AsTask());
        }
    }

    // Without the lock, because what configures them is the application's code.
    private void Close(Type eventType)
    {
        if (close is not null && !eventType.IsAbstract && eventType != typeof(object) && !IsClosed(eventType))
            close(eventType);
    }

    private bool IsClosed(Type eventType)
    {
        lock (_gate)
            return _closed.Contains(eventType);
    }

    private static InvalidOperationException NameTaken(string name) =>
        new($"A subscription named '{name}' exists already. Names are unique in a bus: give this one another with Named(...), or dispose the other first.");

    private void Change(Subscription[] subscriptions, Subscription[] changed)
    {
        Volatile.Write(ref _subscriptions, subscriptions);
        Volatile.Write(ref _unfinished, _ending.Count == 0 ? subscriptions : [.. subscriptions, .. _ending]);
        if (_exact.IsEmpty && _byRuntimeType.IsEmpty)
            return;
        foreach (var slot in Slots)
        {
            if (Array.Exists(changed, subscription => subscription.Wants(slot.EventType)))
                Fill(slot);
        }
    }

    private TSlot Fill<TSlot>(TSlot slot)
        where TSlot : RouteSlot
    {
        var wanting = new List<Subscription>();
        foreach (var subscription in _subscriptions)
        {
            if (subscription.Wants(slot.EventType))
                wanting.Add(subscription);
        }

        slot.Fill(wanting, names.IsInlineConcurrent(slot.EventType), bus.Recorder is not null && names.IsLogged(slot.EventType), bus);
        return slot;
    }
}

/// <summary>The place of one event type's route, whatever the route is at the moment.</summary>
internal abstract class RouteSlot(Type eventType)
{
    private long _unheardOf;

    public Type EventType => eventType;

    public abstract bool AnyInline { get; }

    /// <summary>Events published that nobody subscribed to.</summary>
    public long UnheardOf => Volatile.Read(ref _unheardOf);

    public abstract void Fill(List<Subscription> subscriptions, bool inlineConcurrently, bool isLogged, RouteContext bus);

    /// <summary>Counts an event that nobody subscribes to, and refuses what is almost always a mistake.</summary>
    public long CountUnheardOf()
    {
        if (typeof(Task).IsAssignableFrom(eventType) || eventType == typeof(ValueTask) || (eventType.IsGenericType && eventType.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            throw new ArgumentException($"A '{eventType.Name}' was published as an event. Await it and publish its result.", "event");
        if (eventType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(eventType))
            throw new ArgumentException($"A collection, '{eventType}', was published as one event, and nobody subscribes to that. Publish its elements with PublishManyAsync.", "event");
        return Interlocked.Increment(ref _unheardOf);
    }
}

/// <inheritdoc/>
internal sealed class RouteSlot<T>(Type eventType) : RouteSlot(eventType)
{
    private Route<T>[] _retired = [];
    private Route<T>? _route;

    public Route<T> Route => Volatile.Read(ref _route)!;

    public override bool AnyInline => _route is { AnyInline: true } || Array.Exists(Volatile.Read(ref _retired), static route => route.AnyInline);

    public override void Fill(List<Subscription> subscriptions, bool inlineConcurrently, bool isLogged, RouteContext bus)
    {
        // A struct event that goes to a base type is boxed once, by whoever publishes it, and routed as the object it then is.
        MustBox = typeof(T).IsValueType && (isLogged || subscriptions.Exists(static subscription => subscription is not (QueuedSubscription<T> or InlineSubscription<T>)));
        var before = _route;
        Volatile.Write(ref _route, new Route<T>(bus.Host.TypeNameOf(EventType), subscriptions, inlineConcurrently, isLogged, bus));
        if (before is not null)
            Volatile.Write(ref _retired, Array.FindAll([.. _retired, before], static route => !route.TryRetire()));
    }

    /// <summary>Whether this struct must be published as an object.</summary>
    public bool MustBox { get; private set; }
}
