using EventBus.Events;
using EventBus.Handling;
using EventBus.Lifecycle;
using EventBus.Observing;
using EventBus.Routing;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBus.DependencyInjection;

/// <summary>Builds a bus from what was registered, or says everything that is wrong with it.</summary>
internal sealed class BusAssembly : ISubscriptionFactory
{
    private readonly Registrations _registrations;
    private readonly bool _hasContainer;
    private readonly EventNames _names;
    private readonly BusParts _core;
    private readonly SubscriptionParts _parts;
    private readonly List<string> _errors = [];

    public BusAssembly(Registrations registrations, IServiceCollection? descriptors, IServiceProvider services)
    {
        _registrations = registrations;
        _hasContainer = descriptors is not null;
        _names = new EventNames(registrations.EventTypes);
#pragma warning disable RS0030 // Where no clock was chosen, this is where it is.
        var clock = new Clock(registrations.TimeProvider ?? (TimeProvider?)services.GetService(typeof(TimeProvider)) ?? TimeProvider.System);
#pragma warning restore RS0030
        var log = new QuietLogger(((ILoggerFactory?)services.GetService(typeof(ILoggerFactory)))?.CreateLogger("EventBus") ?? NullLogger.Instance);
        _core = new BusParts
        {
            Services = services,
            RootScope = _hasContainer ? services : null,
            Clock = clock,
            Chance = new Chance(registrations.Seed),
            Starter = new WorkStarter(),
            Timer = new DueTimer(clock),
            Log = log,
            DeadLetterStore = OneOf(registrations.DeadLetterStores, "dead-letter") ?? new InMemoryDeadLetterStore(),
        };
        _parts = new SubscriptionParts(
            _names,
            OneOf(registrations.IdempotencyStores, "idempotency") ?? new InMemoryIdempotencyStore(timeProvider: clock.Provider),
            new DeadLetterWriter(_core.DeadLetterStore, AlertAll(registrations.Alerts), clock, log),
            Lifetimes(descriptors));
    }

    public IEventBus Build() => new Bus(_core, _names, this);

    public IReadOnlyList<Subscription> CreateAll(Bus bus)
    {
        var plans = _registrations.Plans;
        _errors.AddRange(plans.SelectMany(static plan => plan.Errors));
        _errors.AddRange(SubscriptionNames.Give(plans, _names));
        var settled = plans.Select(plan => (Plan: plan, Settings: Settle(plan))).ToList();
        if (_errors.Count > 0)
            throw Failed();
        return [.. settled.Select(pair => pair.Plan.Build(pair.Settings, _parts, bus))];
    }

    public Subscription Create<TEvent>(Bus bus, Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure)
        where TEvent : notnull
    {
        var builder = new SubscriptionBuilder<TEvent>();
        configure?.Invoke(builder);
        var plan = EventBusBuilder.PlanOf<TEvent>(builder, null, needsContainer: false, _ => new LambdaCall<TEvent>(handler));
        lock (_errors)
        {
            _errors.Clear();
            plan.Settings.Name = builder.Settings.GivenName ?? FreeName(bus, SubscriptionNames.ShortName(typeof(TEvent), _names));
            var settings = Settle(plan);
            return _errors.Count == 0 ? plan.Build(settings, _parts, bus) : throw new EventBusConfigurationException([.. _errors]);
        }
    }

    public SubscriptionTopology Describe(Subscription subscription) =>
        new(subscription.Name, [.. subscription.EventTypes.Select(type => SubscriptionNames.ShortName(type, _names))], subscription.Description);

    private static T? OneOf<T>(List<T> stores, string kind, List<string> errors)
        where T : class
    {
        if (stores.Distinct().Count() > 1)
            errors.Add($"The bus was given {stores.Distinct().Count()} different {kind} stores: {string.Join(", ", stores.Distinct().Select(static store => store.GetType().Name))}. It can have one: keep the call that you mean.");
        return stores.Count > 0 ? stores[^1] : null;
    }

    private static Func<DeadLetter, CancellationToken, ValueTask>? AlertAll(List<Func<DeadLetter, CancellationToken, ValueTask>> alerts)
    {
        if (alerts.Count < 2)
            return alerts.Count == 0 ? null : alerts[0];
        return async (letter, cancellationToken) =>
        {
            foreach (var alert in alerts)
                await alert(letter, cancellationToken).ConfigureAwait(false);
        };
    }

    // The last registration of a type is the one that the container resolves.
    private static Func<Type, ServiceLifetime?> Lifetimes(IServiceCollection? descriptors)
    {
        if (descriptors is null)
            return static _ => null;
        var lifetimes = new Dictionary<Type, ServiceLifetime>();
        foreach (var descriptor in descriptors.Where(static descriptor => !descriptor.IsKeyedService))
            lifetimes[descriptor.ServiceType] = descriptor.Lifetime;
        return type => lifetimes.TryGetValue(type, out var lifetime) ? lifetime : null;
    }

    private static string FreeName(Bus bus, string eventName)
    {
        var number = 1;
        while (bus.Subscriptions.Any(subscription => subscription.Name == $"{eventName}-{number}"))
            number++;
        return $"{eventName}-{number}";
    }

    private T? OneOf<T>(List<T> stores, string kind)
        where T : class => OneOf(stores, kind, _errors);

    private SubscriptionSettings Settle(SubscriptionPlan plan)
    {
        var settings = plan.Settings.Copy();
        foreach (var configure in _registrations.Configurations)
        {
            try
            {
                configure(settings);
            }
            catch (Exception error)
            {
                _errors.Add($"ConfigureSubscriptions threw for subscription '{settings.Name}': {error.Message}");
            }
        }

        if (plan.NeedsContainer && !_hasContainer)
            _errors.Add($"Subscription '{settings.Name}' takes its handler or its service from a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddHandler(handler).");
        _errors.AddRange(SettingsRules.Check(settings));
        return settings;
    }

    private EventBusConfigurationException Failed()
    {
        _core.Timer.Dispose();
        return new EventBusConfigurationException([.. _errors]);
    }
}
