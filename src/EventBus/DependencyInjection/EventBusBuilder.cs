using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EventBus.DependencyInjection;
using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventBus;

/// <summary>Registers subscriptions and chooses what a bus is made of. Used through <c>AddEventBus</c>, or alone for a bus without a container.</summary>
/// <remarks>Not thread-safe. Mistakes are collected and reported all at once when the bus is built.</remarks>
public sealed class EventBusBuilder
{
    /// <summary>The default limit of an event's size in the log: 1 MiB.</summary>
    public const int DefaultMaxEventBytes = 1024 * 1024;

    /// <summary>The limit of a key in the log, in bytes of UTF-8: 2 MiB. An event with a longer one is refused when it is published or scheduled.</summary>
    public const int MaxKeyBytes = 2 * 1024 * 1024;

    /// <summary>The limit of an event's headers in the log, names and values together, in bytes of UTF-8: 64 KiB. An event with more is refused when it is published or scheduled.</summary>
    public const int MaxHeaderBytes = 64 * 1024;

    /// <summary>The limit of an event's id, source, subject, correlation id and causation id in the log, of each, in bytes of UTF-8: 8 KiB. An event with a longer one is refused
    /// when it is published or scheduled.</summary>
    public const int MaxAttributeBytes = 8 * 1024;

    /// <summary>The default number of entries that the flight recorder keeps: 10,000.</summary>
    public const int DefaultFlightRecorderCapacity = 10_000;

    /// <summary>The largest number of entries that the flight recorder keeps: 1,000,000.</summary>
    public const int MaxFlightRecorderCapacity = 1_000_000;

    /// <summary>The default of <see cref="DeadLetterAlertTimeout"/>: 30 s.</summary>
    public static readonly TimeSpan DefaultDeadLetterAlertTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The default time for which a publisher's own ids are recognised in the log: 7 days.</summary>
    public static readonly TimeSpan DefaultDeduplicationWindow = TimeSpan.FromDays(7);

    private readonly Registrations _registrations = new();
    private readonly ContainerServices _container;

    /// <summary>Begins a bus without a container: with lambdas and handler instances.</summary>
    public EventBusBuilder()
        : this(null)
    {
    }

    internal EventBusBuilder(IServiceCollection? services)
    {
        Tracing.Prepare();
        _container = new(services);
    }

    internal Registrations Registrations => _registrations;

    internal ContainerServices Container => _container;

    /// <summary>Subscribes a handler class to an event type.</summary>
    /// <typeparam name="TEvent">The event type; a base type or an interface gets every event of it.</typeparam>
    /// <typeparam name="THandler">The handler. Registered with the container, unless the application did so itself. An interface or an abstract class, such as <c>IEventHandler&lt;OrderPlaced&gt;</c> itself, is resolved as the application
    /// registered it, with whatever decorates it there.</typeparam>
    /// <param name="configure">Configures the subscription; called at once.</param>
    public EventBusBuilder AddHandler<TEvent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull
        where THandler : class, IEventHandler<TEvent>
    {
        var builder = Configure(configure);
        _container.Add<THandler>(builder.Settings.Lifetime);
        return AddClass(builder, typeof(THandler));
    }

    /// <summary>Subscribes a handler instance to an event type.</summary>
    /// <param name="handler">The handler, used for every event and disposed by nobody.</param>
    /// <param name="configure">Configures the subscription; called at once.</param>
    public EventBusBuilder AddHandler<TEvent>(IEventHandler<TEvent> handler, Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(Configure(configure), handler.GetType(), needsContainer: false, parts => parts.One(_ => handler));
    }

    /// <summary>Subscribes a lambda to an event type.</summary>
    /// <param name="handler">Called as <see cref="IEventHandler{TEvent}.HandleAsync"/> is.</param>
    /// <param name="configure">Configures the subscription; called at once.</param>
    public EventBusBuilder Handle<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(Configure(configure), null, needsContainer: false, parts => parts.Lambda(handler));
    }

    /// <summary>Subscribes a lambda that needs a service to an event type. The service comes from the delivery's own scope.</summary>
    /// <param name="handler">Called as <see cref="IEventHandler{TEvent}.HandleAsync"/> is, with the service.</param>
    /// <param name="configure">Configures the subscription; called at once.</param>
    public EventBusBuilder Handle<TEvent, TService>(Func<TEvent, TService, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(
            Configure(configure),
            null,
            needsContainer: true,
            parts => parts.InScope<TEvent>((services, @event, context, token) => handler(@event, services.GetRequiredService<TService>(), context, token)),
            typeof(TService));
    }

    /// <summary>Subscribes one handler to several event types: one queue, one order, one set of retries and dead letters.</summary>
    /// <typeparam name="THandler">The handler. Registered with the container, unless the application did so itself.</typeparam>
    /// <param name="name">The subscription's name, see <see cref="SubscriptionBuilderOf{TSelf}.Named"/>.</param>
    /// <param name="configure">Names the event types with <see cref="MultiSubscriptionBuilder{THandler}.On"/>; called at once.</param>
    public EventBusBuilder AddSubscription<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string name, Action<MultiSubscriptionBuilder<THandler>> configure)
        where THandler : class
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new MultiSubscriptionBuilder<THandler>().Named(name);
        configure(builder);
        _container.Add<THandler>(builder.Settings.Lifetime);
        _container.Add(builder.Settings.Middleware);
        if (builder.Bindings.Count == 0 && builder.Errors.Count == 0)
            builder.Errors.Add($"Subscription '{name}' names no event type. Add On<TEvent>() for each that '{typeof(THandler).Name}' handles.");
        var bindings = builder.Bindings;
        var keys = bindings.Select(static binding => KeyValuePair.Create(binding.EventType, binding.Key)).ToArray();
        _registrations.Add(new SubscriptionPlan<object>(
            builder.Settings,
            [.. bindings.Select(static binding => binding.EventType)],
            typeof(THandler),
            parts => new DispatchStage([.. bindings.Select(binding => KeyValuePair.Create(binding.EventType, binding.Stage(parts)))]))
        {
            Errors = builder.Errors,
            NeedsContainer = true,
            Queue = builder.Settings.IsOrdered ? KeyedQueue<object>.By(@event => MostSpecific.Of(@event.GetType(), keys)?.Invoke(@event)) : null,
            DurableKey = builder.Settings.IsOrdered ? @event => KeyText.Of(MostSpecific.Of(@event.GetType(), keys)?.Invoke(@event)) : null,
        });
        return this;
    }

    /// <summary>Tells something about an event type, for all its subscriptions.</summary>
    public EventBusBuilder AddEvent<TEvent>(Action<EventTypeBuilder<TEvent>>? configure = null)
        where TEvent : notnull
    {
        var builder = new EventTypeBuilder<TEvent>();
        configure?.Invoke(builder);
        _container.Add(builder.Middleware);
        _registrations.EventMiddleware.AddRange(builder.Middleware);
        _registrations.EventEnrichers.AddRange(builder.Enrichers);
        _registrations.Add(typeof(TEvent), new EventTypeTraits(builder.KeyText, builder.RunsInlineConcurrently)
        {
            StoredName = builder.StoredName,
            Version = builder.Version,
            Aliases = builder.Aliases,
            IsLogged = builder.IsLogged,
            StoresPart = builder.IsStoredInPart,
        });
        return this;
    }

    /// <summary>Changes the settings of subscriptions after code has made them, for example from configuration. Called once for each subscription when the bus is built.</summary>
    public EventBusBuilder ConfigureSubscriptions(Action<SubscriptionSettings> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _registrations.Configurations.Add(SettingsConfiguration.OfEach(configure));
        return this;
    }

    /// <summary>As <see cref="ConfigureSubscriptions(Action{SubscriptionSettings})"/>, for all subscriptions at once and with the container's services.</summary>
    /// <param name="configure">Gets the container's services, or none, and the settings of every subscription when the bus is built, then of each that is added with
    /// <see cref="IEventBus.Subscribe{TEvent}"/>. An <see cref="EventBusConfigurationException"/> that it throws adds its mistakes to those that the bus finds itself.</param>
    public EventBusBuilder ConfigureSubscriptions(Action<IServiceProvider, IReadOnlyList<SubscriptionSettings>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _registrations.Configurations.Add(configure);
        return this;
    }

    /// <summary>What the bus is called in its metrics and traces (<c>eventbus.name</c>), for an application that has several. Default: the key with which it was added, else <c>default</c>; a name that another bus of the process has gets a number. The last call wins.</summary>
    /// <param name="name">1 to 100 characters of <c>A-Z a-z 0-9 . _ -</c>.</param>
    /// <exception cref="ArgumentException">The name has other characters, or too many.</exception>
    public EventBusBuilder Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!SettingsRules.HasNamePattern(name))
            throw new ArgumentException($"The bus cannot be called '{LogText.Safe(name)}': a name has 1 to 100 characters of A-Z a-z 0-9 . _ -.", nameof(name));
        _registrations.Name = name;
        return this;
    }

    /// <summary>The clock: of every delay, timeout, lease and time stamp. Default: the container's <see cref="TimeProvider"/>, else the system's. The last call wins.</summary>
    public EventBusBuilder UseTimeProvider(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        _registrations.TimeProvider = timeProvider;
        return this;
    }

    /// <summary>Makes ids and jitter repeatable, for tests. Default: a random seed. The last call wins.</summary>
    public EventBusBuilder UseSeed(long seed)
    {
        _registrations.Seed = seed;
        return this;
    }

    /// <summary>Where handled deliveries are remembered. Default: for durable subscriptions the event log, for all others an <see cref="InMemoryIdempotencyStore"/>. Two different stores are a configuration error.</summary>
    public EventBusBuilder UseIdempotencyStore(IIdempotencyStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _registrations.IdempotencyStores.Add(store);
        return this;
    }

    /// <summary>Where dead letters are kept. Default: the event log, if there is one, else an <see cref="InMemoryDeadLetterStore"/>. With durable subscriptions it must be the log. Two different stores are a configuration error.</summary>
    public EventBusBuilder UseDeadLetterStore(IDeadLetterStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _registrations.DeadLetterStores.Add(store);
        return this;
    }

    /// <summary>The event log, for durable subscriptions. It also keeps dead letters, what durable subscriptions have completed, unless a store was chosen for that, and the schedule of events that go into it. Two
    /// different logs are a configuration error.</summary>
    /// <param name="log">The log, for this bus alone while it runs: opened at every start, closed at every stop, disposed by nobody.</param>
    public EventBusBuilder UseEventLog(IEventLog log)
    {
        ArgumentNullException.ThrowIfNull(log);
        _registrations.EventLogs.Add(new(log, null));
        return this;
    }

    /// <summary>The event log, made when the bus is built and disposed with it.</summary>
    /// <param name="create">Makes the log; gets the container's services, or none.</param>
    /// <inheritdoc cref="UseEventLog(IEventLog)" path="/summary"/>
    public EventBusBuilder UseEventLog(Func<IServiceProvider, IEventLog> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _registrations.EventLogs.Add(new(null, create));
        return this;
    }

    /// <summary>How events are written to the log and read from it. Default: a <see cref="JsonEventSerializer"/> by reflection. The last call wins.</summary>
    public EventBusBuilder UseSerializer(IEventSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _registrations.Serializers.Add(serializer);
        return this;
    }

    /// <summary>Writes events to the log as JSON by source-generated contracts, as trimmed and Native AOT applications need.</summary>
    /// <param name="context">For example <c>ShopJson.Default</c>; it knows every event type that goes into the log.</param>
    public EventBusBuilder UseJson(JsonSerializerContext context) => UseSerializer(new JsonEventSerializer(context));

    /// <summary>The limit of an event's body in the log, as it is serialized. At least 1; default <see cref="DefaultMaxEventBytes"/>. A larger one is refused when it is published.</summary>
    public EventBusBuilder MaxEventBytes(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        _registrations.MaxEventBytes = bytes;
        return this;
    }

    /// <summary>How long an id that a publisher gave (<see cref="PublishOptions.Id"/>) is recognised in the log, so that the same fact, published again, is stored once. Positive;
    /// default <see cref="DefaultDeduplicationWindow"/>.</summary>
    public EventBusBuilder DeduplicationWindow(TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        _registrations.DeduplicationWindow = window;
        return this;
    }

    /// <summary>What the log may forget. Default: it keeps everything. The last call wins.</summary>
    /// <exception cref="ArgumentException">A bound of it is out of its own bounds.</exception>
    public EventBusBuilder Retain(LogRetention retention)
    {
        ArgumentNullException.ThrowIfNull(retention);
        _registrations.Retention = retention.Checked(nameof(retention));
        return this;
    }

    /// <summary>Called after a dead letter was kept, on a worker's time: for alerts. What it throws is logged. Several are called in order, whatever the others do. Each has <see cref="DeadLetterAlertTimeout"/>: then its
    /// token is cancelled, that is logged, and the subscription goes on without it.</summary>
    public EventBusBuilder OnDeadLetter(Func<DeadLetter, CancellationToken, ValueTask> alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        _registrations.Alerts.Add(alert);
        return this;
    }

    /// <summary>How long a subscription waits for each <see cref="OnDeadLetter"/>. Positive, or <see cref="Timeout.InfiniteTimeSpan"/> for ever; default <see cref="DefaultDeadLetterAlertTimeout"/>. A
    /// dead-letter store that takes longer is logged, and waited for. The last call wins.</summary>
    public EventBusBuilder DeadLetterAlertTimeout(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        _registrations.AlertTimeout = timeout;
        return this;
    }

    /// <summary>Keeps the last of what happened in the bus, for <see cref="IEventBus.FlightRecorder"/>: who published what, who got it, what came of each attempt, and what led to what. Without this call nothing is kept, and nothing is paid
    /// for it. The last call wins.</summary>
    /// <param name="capacity">How many entries; the oldest makes room. From 1 to <see cref="MaxFlightRecorderCapacity"/>; default <see cref="DefaultFlightRecorderCapacity"/>. A delivery takes two, and one more for each further attempt; a publish takes one.</param>
    public EventBusBuilder UseFlightRecorder(int capacity = DefaultFlightRecorderCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxFlightRecorderCapacity);
        // Made here and nowhere else: a trimmed program without this call has no code of it.
        _registrations.FlightRecorder = clock => new FlightRecorder(capacity, clock);
        return this;
    }

    /// <summary>Builds a bus without a container. It starts with the first publish, or with <see cref="IEventBus.StartAsync"/>.</summary>
    /// <exception cref="EventBusConfigurationException">The configuration is wrong; the message names every mistake.</exception>
    /// <exception cref="InvalidOperationException">The builder belongs to a container, which builds the bus.</exception>
    public IEventBus Build()
    {
        if (_container.All is not null)
            throw new InvalidOperationException("This builder belongs to a service collection. Resolve IEventBus from the container instead of calling Build().");
        return new BusAssembly(_registrations, null, NoServices.Instance).Build();
    }

    /// <summary>Lets a test choose what the bus is made of, look on and step in. The last call wins.</summary>
    internal EventBusBuilder UseHarness(Func<IBusHarness> harness)
    {
        _registrations.Harness = harness;
        return this;
    }

    internal IEventBus Build(IServiceProvider services, string? key) => new BusAssembly(_registrations, _container.All, services, key).Build();

    // Apart from the handler's type as a type argument: the runtime makes a closure's class anew for each.
    private EventBusBuilder AddClass<TEvent>(SubscriptionBuilder<TEvent> builder, Type handlerType)
        where TEvent : notnull =>
        Add(builder, handlerType, needsContainer: true, parts => parts.CallOf<TEvent>(handlerType));

    private static SubscriptionBuilder<TEvent> Configure<TEvent>(Action<SubscriptionBuilder<TEvent>>? configure)
        where TEvent : notnull
    {
        var builder = new SubscriptionBuilder<TEvent>();
        configure?.Invoke(builder);
        return builder;
    }

    private EventBusBuilder Add<TEvent>(SubscriptionBuilder<TEvent> builder, Type? handlerType, bool needsContainer, Func<CallParts, AttemptStage<TEvent>> call, Type? service = null)
        where TEvent : notnull
    {
        _container.Add(builder.Settings.Middleware);
        var plan = PlanOf(builder, handlerType, needsContainer, call);
        plan.Service = service;
        _registrations.Add(plan);
        return this;
    }

    internal static SubscriptionPlan<TEvent> PlanOf<TEvent>(SubscriptionBuilder<TEvent> builder, Type? handlerType, bool needsContainer, Func<CallParts, AttemptStage<TEvent>> call)
        where TEvent : notnull =>
        new(builder.Settings, new[] { typeof(TEvent) }, handlerType, call)
        {
            Wanted = builder.Wanted,
            IdempotencyKey = builder.IdempotencyKey,
            Queue = builder.Queue,
            DurableKey = builder.DurableKey,
            KeyType = builder.KeyType,
            NeedsContainer = needsContainer,
        };
}
