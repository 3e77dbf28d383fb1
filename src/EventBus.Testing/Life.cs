using EventBus.DependencyInjection;
using EventBus.Handling;
using EventBus.Lifecycle;
using EventBus.Observing;
using EventBus.Recording;
using EventBus.Settling;
using EventBus.Storage;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>One life of a bus under test, from when it is built until it is disposed or dies: puts test's parts in the place of others, writes down what happens, lets go wrong what
/// is to.</summary>
internal sealed class Life(TestParts parts, LivesTogether together) : IBusHarness
{
    /// <summary>What an attempt comes to in a process that is dead: nothing, and not again in this life.</summary>
    private static readonly Outcome s_nothing = Outcome.Postponed(TimeSpan.FromDays(10_000), null);

    private static readonly Outcome s_died = Outcome.Failed(new DoNotRetryException("The test let the process die here."));

    private readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<Flow> _publishing = [];
    private readonly WorkStarter _starter = WorkStarter.Here;
    private IEventSerializer? _serializer;
    private Task? _ending;
    private Bus? _bus;
    private volatile bool _isOver;

    public HistoryRecorder History => parts.History;

    public TestFaults Faults => parts.Faults;

    /// <summary>Whether the process is dead.</summary>
    public bool IsOver => _isOver;

    public async Task WhenCrashedAsync() => await _crashed.Task.AnyContext();

    /// <summary>How a test sees this life, where it belongs to a container.</summary>
    public TestBus Test => new(parts, this);

    public Bus Bus => _bus!; // Set as soon as it is built.

    /// <summary>This one and those of the other buses of its container.</summary>
    public IReadOnlyList<Life> WithOthers => together.All is { } all && all.Contains(this) ? all : [this];

    /// <summary>Whether every publish under way waits, for room or for the clock.</summary>
    public bool PublishersAwaitTime => All(static flow => flow.WaitsForRoom || flow.AwaitsTime);

    /// <summary>Whether every publish under way waits for room.</summary>
    public bool PublishersWaitForRoom => All(static flow => flow.WaitsForRoom);

    public static Outcome Nothing(bool isInline) => isInline ? s_died : s_nothing;

    public void Built(Bus bus)
    {
        _bus = bus;
        together.Add(this);
    }

    public void Changed() => _bus?.Idle.Check();

    public async Task DelayAsync(TimeSpan delay, Flow flow, CancellationToken cancellationToken)
    {
        if (delay != Timeout.InfiniteTimeSpan)
        {
            await Task.Delay(delay, parts.Clock, cancellationToken).AnyContext();
            return;
        }

        // It is cancelled when its time is over; no timer of its own tells so.
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        flow.Arm();
        using (cancellationToken.UnsafeRegister(_ =>
        {
            flow.Disarm();
            cancelled.TrySetCanceled(cancellationToken);
        }, null))
            await cancelled.Task.AnyContext();
    }

    public static EventLogException Dead() => new("The test let the process die here. Go on with RestartAsync().");

    /// <summary>What a call of a store fails with; nothing where it does not.</summary>
    public Exception? Pass(string call) => _isOver ? Dead() : parts.Faults.OfStoreCall(call);

    public bool CrashesAt(CrashPoint point, string? subscription)
    {
        if (!parts.Faults.CrashesAt(point, subscription))
            return false;
        Crash();
        return true;
    }

    public void Crash()
    {
        if (_isOver)
            return;
        _isOver = true;
        parts.History.LoseAllButDurable();
        _crashed.TrySetResult();
        // Not by whoever comes to that point: it may be the log's writer, which the end waits for.
        _starter.Start(EndAsync);
    }

    /// <summary>Ends the bus at once, whatever its handlers do.</summary>
    public Task EndAsync()
    {
        lock (_crashed)
            return _ending ??= EndOnceAsync();
    }

    public void Prepare(Registrations registrations, IServiceProvider services)
    {
        if (services.GetService(typeof(TimeProvider)) is { } time && !ReferenceEquals(time, parts.Clock))
            throw new EventBusConfigurationException([$"The container's TimeProvider is a {time.GetType().Name} that was registered after AddEventBusTesting, and the bus under test has a clock of its own. Call AddEventBusTesting after it, or remove that registration."]);
        registrations.TimeProvider = parts.Clock;
        // A service collection may be built again.
        registrations.Alerts.RemoveAll(static alert => alert.Target is Life);
        registrations.Alerts.Insert(0, Bury);
        if (registrations.EventLogs.Count > 0 || registrations.Plans.Exists(static plan => plan.Settings.Mode == DeliveryMode.Durable) || registrations.EventTypes.Values.Any(static type => type.IsLogged))
        {
            registrations.EventLogs.Clear();
            registrations.EventLogs.Add(new(null, _ => new CrashableLog(parts.Log.Share(), this)));
        }
        else
        {
            Add(registrations.IdempotencyStores, new InMemoryIdempotencyStore(timeProvider: parts.Clock));
            Add(registrations.DeadLetterStores, new InMemoryDeadLetterStore());
        }

        // A store of an earlier build is that life's.
        Replace(registrations.IdempotencyStores, store => new CrashableIdempotencyStore((store as CrashableIdempotencyStore)?.Store ?? store, this));
        Replace(registrations.DeadLetterStores, store => new CrashableDeadLetterStore((store as CrashableDeadLetterStore)?.Store ?? store, this));

        if (parts.MakesRoundTrips)
            _serializer = SerializerFor(registrations);
    }

    public AttemptStage<T> AroundCall<T>(SubscriptionSettings settings, AttemptStage<T> call)
    {
        if (settings.Mode == DeliveryMode.Durable)
            parts.History.KnowDurable(settings.Name);
        return new AttemptInSight<T>(settings.Name, settings.Mode == DeliveryMode.Inline, this, call);
    }

    public AttemptStage<T> AroundDelivery<T>(SubscriptionSettings settings, AttemptStage<T> pipeline)
    {
        if (parts.DeliversTwice)
            pipeline = new Twice<T>(pipeline);
        if (_serializer is not null)
            pipeline = new RoundTrip<T>(_serializer, pipeline);
        return pipeline;
    }

    public void Publishing(object @event, EventMetadata metadata, string? by)
    {
        var recorded = parts.History.Publishing(@event, metadata);
        Stimulus.Tell(recorded);
        var flow = new Flow(null, Changed) { Publishes = recorded };
        Flow.Current = flow;
        lock (_publishing)
            _publishing.Add(flow);
    }

    public void Published(EventMetadata metadata, IReadOnlyList<string> durable, Exception? failure)
    {
        if (EndPublish(metadata) is not { Publishes: { } recorded })
            return;
        // Of a process that is dead nobody knows what else became of it.
        parts.History.Published(recorded, metadata, _isOver ? [] : durable, failure);
        Changed();
    }

    public void Accepting(object @event, EventMetadata delivery)
    {
        if (!_isOver)
            parts.History.Accepting(@event, delivery);
    }

    public void NotAccepted(EventMetadata delivery)
    {
        if (!_isOver)
            parts.History.NotAccepted(delivery);
        Changed();
    }

    public void WaitingForRoom(EventMetadata delivery, bool begins) => Flow.Current?.WaitForRoom(begins);

    public void Settled(object @event, EventMetadata delivery, DeliveryFate fate, Exception? error, TimeSpan took, TimeSpan wait)
    {
        if (fate == DeliveryFate.Failed)
            parts.History.FailInline(delivery);
        else if (!_isOver)
            parts.History.Settle(@event, delivery, fate, error, wait);
        Changed();
    }

    public void Parked(EventMetadata delivery)
    {
        if (!_isOver)
            parts.History.Park(delivery);
        Changed();
    }

    public void Ended(string subscription)
    {
        if (!_isOver)
            parts.History.Drop(subscription);
        Changed();
    }

    private static IEventSerializer SerializerFor(Registrations registrations)
    {
        var serializer = LogAssembly.SerializerOf(registrations);
        var mistakes = new List<string>();
        foreach (var type in registrations.Plans.SelectMany(static plan => plan.EventTypes).Distinct().Where(LogAssembly.CanBePublished))
        {
            if (!serializer.CanSerialize(type, out var reason))
                mistakes.Add($"RoundTrip() is on, and event type '{type.FullName}' does not go through the serializer: {reason}.");
        }

        return mistakes.Count == 0 ? serializer : throw new EventBusConfigurationException(mistakes);
    }

    private static void Add<T>(List<T> stores, T store)
    {
        if (stores.Count == 0)
            stores.Add(store);
    }

    private static void Replace<T>(List<T> stores, Func<T, T> replace)
    {
        for (var i = 0; i < stores.Count; i++)
            stores[i] = replace(stores[i]);
    }

    // By the event and not by the flow that it was begun in: of several that are published together each ends by itself, and the last that began is the current one.
    private Flow? EndPublish(EventMetadata metadata)
    {
        lock (_publishing)
        {
            var flow = IsOf(Flow.Current, metadata) ? Flow.Current : _publishing.FirstOrDefault(other => IsOf(other, metadata));
            if (flow is not null)
                _publishing.Remove(flow);
            return flow;
        }

        static bool IsOf(Flow? flow, EventMetadata metadata) =>
            flow?.Publishes is { } recorded && recorded.Metadata.Id == metadata.Id && recorded.Metadata.Type == metadata.Type;
    }

    private bool All(Predicate<Flow> condition)
    {
        lock (_publishing)
            return _publishing.All(flow => condition(flow));
    }

    private ValueTask Bury(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (!_isOver)
            parts.History.Bury(letter);
        return default;
    }

    private async Task EndOnceAsync()
    {
        if (_bus is null)
            return;
        try
        {
            await _bus.StopAsync(TimeSpan.Zero, new CancellationToken(canceled: true)).AnyContext();
        }
        catch (ObjectDisposedException)
        {
            // Somebody has ended it in its own time.
        }

        await _bus.DisposeAsync().AnyContext();
        together.Remove(this);
    }
}
