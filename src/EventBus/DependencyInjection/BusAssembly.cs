using System.Diagnostics.Metrics;
using EventBus.Events;
using EventBus.Handling;
using EventBus.Lifecycle;
using EventBus.Observing;
using EventBus.Recording;
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
    private readonly Dictionary<string, int> _latest = [];

    public BusAssembly(Registrations registrations, IServiceCollection? descriptors, IServiceProvider services, string? key = null)
    {
        var harness = registrations.Harness?.Invoke() ?? ((IBusHarnesses?)services.GetService(typeof(IBusHarnesses)))?.For(key, services);
        harness?.Prepare(registrations, services);
        _registrations = registrations;
        _hasContainer = descriptors is not null;
        _names = new EventNames(registrations.EventTypes);
        var oneThread = OneThread.Current;
        var clock = new Clock(TimeOf(registrations, services, oneThread));
        var log = new QuietLogger(((ILoggerFactory?)services.GetService(typeof(ILoggerFactory)))?.CreateLogger("EventBus") ?? NullLogger.Instance);
        var chance = new Chance(registrations.Seed ?? oneThread?.NextSeed());
        var identity = new EventIdentity(chance.NextBits());
        var starter = WorkStarter.Here;
        var timer = new DueTimer(clock, starter);
        var chosenLog = ChosenLog(registrations.EventLogs);
        var eventLog = chosenLog?.Build(registrations, services, _names, identity, clock, timer, starter, log, _errors);
        var isOneObject = !_hasContainer || ReferenceEquals(services.GetService(typeof(IServiceProvider)), services);
        var flight = registrations.FlightRecorder?.Invoke(clock);
        _core = new BusParts
        {
            Services = services,
            RootScope = !_hasContainer ? null : isOneObject ? services : services.GetRequiredService<ScopeServices>(),
            ScopesAreOneObject = isOneObject,
            Scopes = (RunningScopes?)services.GetService(typeof(RunningScopes)) ?? new(),
            Clock = clock,
            Chance = chance,
            Identity = identity,
            Starter = starter,
            Timer = timer,
            Log = log,
            EventLog = eventLog,
            Retention = registrations.Retention,
            Enrichment = EnricherChoice.Enrichment([.. registrations.Enrichers, .. registrations.EventEnrichers], services),
            Harness = harness,
            Telemetry = new BusTelemetry(registrations.Name ?? BusNames.Default, _names.Of, identity, clock, (IMeterFactory?)services.GetService(typeof(IMeterFactory)), log),
            FlightRecorder = flight,
            Observer = ObserverPair.Of(harness, flight),
            DeadLetterStore = OneOf(registrations.DeadLetterStores, "dead-letter") ?? eventLog?.DeadLetters ?? new InMemoryDeadLetterStore(),
        };
        _parts = new SubscriptionParts(
            _names,
            OneOf(registrations.IdempotencyStores, "idempotency"),
            chosenLog,
            eventLog?.Idempotency,
            new DeadLetterWriter((letter, _) => _core.DeadLetterStore.AddAsync(letter, CancellationToken.None), new DeadLetterAlerts(registrations.Alerts, registrations.AlertTimeout, timer, starter, log), clock, log),
            descriptors,
            new MissingServices(descriptors, services),
            [.. registrations.Middleware, .. registrations.EventMiddleware],
            isOneObject,
            clock);
    }

    public IEventBus Build()
    {
        var bus = new Bus(_core, _names, this);
        _core.Harness?.Built(bus);
        OneThread.Current?.Add(bus.Unfinished);
        return bus;
    }

    public Subscription[] CreateAll(Bus bus)
    {
        var plans = RegisteredPlans.Of(_registrations, _names);
        _errors.AddRange(_registrations.Errors);
        foreach (var plan in plans)
        {
            if (plan.Errors is not null)
                _errors.AddRange(plan.Errors);
        }

        SubscriptionNames.Give(plans, _names, _errors);
        EnricherChoice.Check(_registrations.Enrichers, _parts, _hasContainer, _errors);
        ContainerRules.Check(_parts.Middleware, null, _parts, _hasContainer, _errors);
        _registrations.OpenHandlers.ForEach(Check);
        var settings = Settle(plans, isNew: true, _errors);
        if (_errors.Count > 0)
            throw Failed();
        return Build(plans, settings, bus);
    }

    public Subscription Create<TEvent>(Bus bus, Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure)
        where TEvent : notnull
    {
        var builder = new SubscriptionBuilder<TEvent>();
        configure?.Invoke(builder);
        var plan = EventBusBuilder.PlanOf<TEvent>(builder, null, needsContainer: false, parts => parts.Lambda(handler));
        var ofType = SubscriptionNames.EventName(typeof(TEvent), _names);
        plan.Settings.Name = builder.Settings.GivenName ?? FreeName(bus, ofType);
        plan.Settings.SharedName = builder.Settings.GivenName is null ? $"{ofType}-*" : null;
        return BuildRunning([plan], isNew: true, [], bus)[0];
    }

    public bool HasOpenHandlers => _registrations.OpenHandlers.Count > 0;

    public Subscription[] Close(Bus bus, Type eventType)
    {
        List<SubscriptionPlan> plans = [.. RegisteredPlans.Closed(_registrations, eventType, _names)];
        if (plans.Count == 0)
            return [];
        foreach (var plan in plans)
            plan.Settings.Name = plan.FixedName!; // Closing has given it one.
        List<string> errors = [];
        SubscriptionNames.CheckRepeated(plans, errors);
        return BuildRunning(plans, isNew: false, errors, bus);
    }

    public string NameOfStream(Bus bus, string? given, Type eventType) =>
        given is null ? FreeName(bus, $"{SubscriptionNames.EventName(eventType, _names)}-stream") : FreeName(bus, given, isOfType: false);

    public EventBusTopology Describe(IReadOnlyList<Subscription> subscriptions)
    {
        var shown = SubscriptionNames.Shown(subscriptions.SelectMany(static subscription => subscription.EventTypes), _names);
        return new([.. subscriptions.Select(subscription => new SubscriptionTopology(subscription.Name, [.. subscription.EventTypes.Select(type => shown[type])], subscription.Description()))]);
    }

    // What one thread does is done in that thread's time.
    private static TimeProvider TimeOf(Registrations registrations, IServiceProvider services, OneThread? oneThread)
    {
#pragma warning disable RS0030 // Where no clock was chosen, this is where it is.
        var time = registrations.TimeProvider ?? (TimeProvider?)services.GetService(typeof(TimeProvider)) ?? TimeProvider.System;
        return oneThread is not null && ReferenceEquals(time, TimeProvider.System) ? oneThread.Time : time;
#pragma warning restore RS0030
    }

    // Counted on, with a lock: a number that is free now may be taken at once by somebody else who found it free. Names that are given may be
    // ever new ones, and share a count, or there would be ever more counts.
    private string FreeName(Bus bus, string prefix, bool isOfType = true)
    {
        var counted = isOfType ? prefix : "";
        lock (_latest)
        {
            string name;
            do
                name = $"{prefix}-{_latest[counted] = _latest.GetValueOrDefault(counted) + 1}";
            while (bus.Subscriptions.Any(subscription => subscription.Name == name));
            return name;
        }
    }

    private LogAssembly? ChosenLog(List<LogAssembly> choices)
    {
        if (choices.Exists(choice => choice != choices[0]))
            _errors.Add($"The bus was given {choices.Count} event logs. It can have one: keep the call that you mean.");
        return choices.Count > 0 ? choices[^1] : null;
    }

    private T? OneOf<T>(List<T> stores, string kind)
        where T : class
    {
        if (stores.Exists(store => !store.Equals(stores[0])))
            _errors.Add(SeveralStores(stores, kind));
        return stores.Count > 0 ? stores[^1] : null;
    }

    private static string SeveralStores(IEnumerable<object> given, string kind)
    {
        var stores = given.Distinct().Select(static store => store.GetType().Name).ToList();
        return $"The bus was given {stores.Count} different {kind} stores: {string.Join(", ", stores)}. It can have one: keep the call that you mean.";
    }

    // While the bus runs. Whoever comes meanwhile has mistakes of his own: what configures subscriptions is the application's code, and may add some itself.
    private Subscription[] BuildRunning(List<SubscriptionPlan> plans, bool isNew, List<string> errors, Bus bus)
    {
        var settings = Settle(plans, isNew, errors);
        return errors.Count == 0 ? Build(plans, settings, bus) : throw new EventBusConfigurationException(errors);
    }

    private Subscription[] Build(List<SubscriptionPlan> plans, SubscriptionSettings[] settings, Bus bus)
    {
        var subscriptions = new Subscription[settings.Length];
        for (var i = 0; i < settings.Length; i++)
            subscriptions[i] = plans[i].Build(settings[i], _parts, bus);
        return subscriptions;
    }

    private SubscriptionSettings[] Settle(List<SubscriptionPlan> plans, bool isNew, List<string> errors)
    {
        var settings = new SubscriptionSettings[plans.Count];
        for (var i = 0; i < settings.Length; i++)
            settings[i] = plans[i].Settings.Copy();
        SettingsConfiguration.Apply(_registrations.Configurations, _core.Services, settings, errors);
        for (var i = 0; i < settings.Length; i++)
            Check(plans[i], settings[i], isNew, errors);
        return settings;
    }

    private void Check(OpenHandler handler)
    {
        if (handler.Mistake is { } mistake)
        {
            _errors.Add(mistake);
            return;
        }

        var settings = handler.Template;
        if (!_hasContainer)
            _errors.Add($"Open handler '{settings.Name}' is made by a container, and this bus has none. Use services.AddEventBus(...).");
        else
            ContainerRules.Check(handler, _parts, _errors);
        if (settings.Mode == DeliveryMode.Durable)
            _errors.Add(handler.DurableMistake);
        else
            SettingsRules.Check(settings, _errors);
    }

    private void Check(SubscriptionPlan plan, SubscriptionSettings settings, bool isNew, List<string> errors)
    {
        if (plan.NeedsContainer && !_hasContainer)
            errors.Add($"Subscription '{settings.Name}' takes its handler or its service from a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddHandler(handler).");
        SettingsRules.Check(settings, errors);
        if (_hasContainer)
            ContainerRules.Check(plan, settings.Name, _parts, isNew, errors);
        ContainerRules.Check(settings.Middleware, settings.Name, _parts, _hasContainer, errors);
        DurableRules.Check(plan, settings, _registrations, _names, errors);
    }

    private EventBusConfigurationException Failed()
    {
        _core.Timer.Dispose();
        _core.EventLog?.Own?.Dispose();
        _core.Telemetry.Dispose();
        return new EventBusConfigurationException([.. _errors]);
    }
}
