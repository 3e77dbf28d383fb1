using EventBus.Events;
using EventBus.Observing;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.DependencyInjection;

/// <summary>What was registered for one bus, by however many modules.</summary>
internal sealed class Registrations
{
    public readonly List<SubscriptionPlan> Plans = [];

    public readonly Dictionary<Type, EventTypeTraits> EventTypes = [];

    public readonly List<Action<IServiceProvider, IReadOnlyList<SubscriptionSettings>>> Configurations = [];

    /// <summary>What stands around the attempts of all subscriptions.</summary>
    public readonly List<Middleware> Middleware = [];

    /// <summary>What stands around the attempts of single event types, in the order of registration.</summary>
    public readonly List<Middleware> EventMiddleware = [];

    /// <summary>What gives published events further attributes.</summary>
    public readonly List<EnricherChoice> Enrichers = [];

    /// <summary>The same, for single event types.</summary>
    public readonly List<EnricherChoice> EventEnrichers = [];

    public readonly List<IIdempotencyStore> IdempotencyStores = [];

    public readonly List<IDeadLetterStore> DeadLetterStores = [];

    public readonly List<LogAssembly> EventLogs = [];

    public readonly List<IEventSerializer> Serializers = [];

    public int MaxEventBytes = EventBusBuilder.DefaultMaxEventBytes;

    public TimeSpan DeduplicationWindow = EventBusBuilder.DefaultDeduplicationWindow;

    public LogRetention? Retention;

    public readonly List<Func<DeadLetter, CancellationToken, ValueTask>> Alerts = [];

    public TimeSpan AlertTimeout = EventBusBuilder.DefaultDeadLetterAlertTimeout;

    /// <summary>What the bus is called in what it tells of itself.</summary>
    public string? Name;

    public TimeProvider? TimeProvider;

    public long? Seed;

    /// <summary>Makes the flight recorder; none where nobody has switched it on.</summary>
    public Func<Clock, FlightRecorder>? FlightRecorder;

    /// <summary>Makes what a test puts around the bus; none in an application.</summary>
    public Func<IBusHarness>? Harness;

    /// <summary>Handlers that are closed for each event type.</summary>
    public readonly List<OpenHandler> OpenHandlers = [];

    /// <summary>What is wrong with registrations that made no subscription.</summary>
    public readonly List<string> Errors = [];

    public void Add(SubscriptionPlan plan) => Plans.Add(plan);

    public void Add(Type eventType, EventTypeTraits traits) =>
        EventTypes[eventType] = EventTypes.TryGetValue(eventType, out var before)
            ? new(traits.Key ?? before.Key, traits.InlineConcurrently || before.InlineConcurrently)
            {
                StoredName = traits.StoredName ?? before.StoredName,
                Version = traits.StoredName is null ? before.Version : traits.Version,
                Aliases = [.. before.Aliases, .. traits.Aliases],
                IsLogged = before.IsLogged || traits.IsLogged,
                StoresPart = before.StoresPart || traits.StoresPart,
            }
            : traits;
}
