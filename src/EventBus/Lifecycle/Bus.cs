using System.Runtime.ExceptionServices;
using EventBus.DeadLettering;
using EventBus.Events;
using EventBus.Handling;
using EventBus.Observing;
using EventBus.Publishing;
using EventBus.Queueing;
using EventBus.Recording;
using EventBus.Routing;
using EventBus.Timing;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Lifecycle;

/// <summary>The bus: what holds the stages together, starts them and stops them.</summary>
internal sealed class Bus : IEventBus, IDeliveryHost
{
    private readonly BusParts _parts;
    private readonly RouteTable _routes;
    private readonly Intake _intake;
    private readonly Schedule _schedule;
    private readonly LogSchedule? _logSchedule;
    private readonly PublishingParts _publishing;
    private readonly EventPublisher _publisher;
    private readonly EventNames _names;
    private readonly ISubscriptionFactory _factory;
    private readonly Streams _streams;
    private readonly Retention? _retention;
    private readonly object _gate = new();
    private Stop? _stop;
    private bool _disposing;
    private int _failedStarts;
    private ExceptionDispatchInfo? _startFailure;

    public Bus(BusParts parts, EventNames names, ISubscriptionFactory factory)
    {
        _parts = parts;
        _names = names;
        _factory = factory;
        Idle = new IdleSignal(() => _routes!.Unfinished, () => _routes!.AnyInline, () => parts.Timer.IsBehind);
        parts.Timer.Caught = Idle.Check;
        _routes = new RouteTable(new RouteContext(this, Idle, parts.Log, parts.EventLog?.Recorder, parts.Starter.PublishersPause, parts.Observer, parts.Enrichment is not null, parts.Telemetry), names, factory.HasOpenHandlers ? CloseFor : null);
        _intake = new Intake(this, StartOnFirstUse);
        _publishing = new PublishingParts(_intake, new Stamper(parts.Clock), parts.Clock, _routes, parts.Enrichment, parts.Log, parts.Telemetry);
        _schedule = new Schedule(_publishing, this, parts.Timer, parts.Starter, Idle);
        _logSchedule = parts.EventLog?.ScheduleFor(_routes, Idle, parts.Telemetry);
        _publisher = new EventPublisher(_publishing, _schedule, _logSchedule, null);
        var redrive = new Redrive(_routes, _intake, this, parts.Observer);
        DeadLetters = new DeadLetterOffice(parts.DeadLetterStore, redrive.DeliverAsync, parts.EventLog?.RedriveFor(_routes, parts.Observer));
        _retention = parts.EventLog?.RetentionFor(Idle);
        EventLog = new EventLogOperations(parts.EventLog?.Recorder, _routes, _retention, parts.Timer, parts.Log, this);
        _streams = new Streams(this, _routes, factory);
        _routes.Add(factory.CreateAll(this));
        parts.Telemetry.Measure(new MeasuredSubscriptions(_routes).Read);
    }

    public EventIdentity Identity => _parts.Identity;

    public IServiceProvider RootServices => _parts.Services;

    public IdleSignal Idle { get; }

    public IDeadLetters DeadLetters { get; }

    public IEventLogOperations EventLog { get; }

    public EventBusState State => _intake.State;

    public IReadOnlyList<ISubscription> Subscriptions => _routes.Subscriptions;

    public IFlightRecorder? FlightRecorder => _parts.FlightRecorder;

    public EventBusTopology Topology => _factory.Describe(_routes.Subscriptions);

    public BusParts Parts => _parts;

    /// <summary>What is in hand.</summary>
    public IWorkInHand Unfinished => new Unfinished(_routes);

    public ValueTask PublishAsync<TEvent>(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default)
        where TEvent : notnull => _publishing.For<TEvent>().PublishAsync(@event, options, null, cancellationToken);

    public ValueTask PublishManyAsync<TEvent>(IReadOnlyList<TEvent> events, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull => _publisher.PublishManyAsync(events, options, cancellationToken);

    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, DateTimeOffset dueTime, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull => _publisher.ScheduleAsync(@event, dueTime, options, cancellationToken);

    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, TimeSpan delay, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull => _publisher.ScheduleAsync(@event, delay, options, cancellationToken);

    public ValueTask<bool> CancelScheduledAsync(ScheduledEvent scheduled, CancellationToken cancellationToken = default) =>
        _publisher.CancelScheduledAsync(scheduled, cancellationToken);

    public IEventPublisher<TEvent> For<TEvent>()
        where TEvent : notnull => _publisher.For<TEvent>();

    public string TypeNameOf(Type eventType) => _names.Of(eventType);

    // Asked by whoever describes a delivery, a dead letter's writer above all, which must not fail over it.
    public string? KeyOf(object @event)
    {
        try
        {
            return _names.KeyOf(@event);
        }
        catch (Exception error)
        {
            LogMessages.KeyUntold(_parts.Log, error, TypeNameOf(@event.GetType()));
            return null;
        }
    }

    public void Know(DeliveryContext context) => _parts.Scopes.Add(context);

    public IEventPublisher PublisherFor(PublishOrigin origin) => new EventPublisher(_publishing, _schedule, _logSchedule, origin);

    public IReadOnlyList<string> QueuesWaitedFor =>
        [.. _routes.Subscriptions.OfType<QueuedSubscription>().Where(static subscription => subscription.AnyPublisherWaits).Select(static subscription => subscription.Name)];

    /// <summary>The publisher of a dependency injection scope: it knows the delivery that runs there, if one does.</summary>
    public IEventPublisher PublisherIn(IServiceProvider scope)
    {
        if (!_parts.ScopesAreOneObject)
            scope = scope.GetRequiredService<ScopeServices>();
        if (ReferenceEquals(scope, _parts.RootScope))
            return _publisher;
        var delivery = ResolvingDelivery.Current is { } resolving && ReferenceEquals(resolving.OwnScope, scope)
            ? resolving
            : _parts.Scopes.DeliveryIn(scope);
        return PublisherFor(new PublishOrigin(scope, delivery, isOwn: ReferenceEquals(delivery?.Host, this)));
    }

    public ValueTask StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        return default;
    }

    public ValueTask<StopReceipt> StopAsync(TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        if (limit is { } time)
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, nameof(limit));
        ObjectDisposedException.ThrowIf(_intake.State == EventBusState.Disposed, this);
        return new(StopOnceAsync(limit ?? IEventBus.DefaultStopLimit, cancellationToken));
    }

    public ISubscription Subscribe<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Subscribe(handler, configure, null);
    }

    /// <summary>As <see cref="Subscribe{TEvent}(Func{TEvent, EventContext, CancellationToken, ValueTask}, Action{SubscriptionBuilder{TEvent}}?)"/>; one that wants to be told of its end ends with the bus.</summary>
    public Subscription Subscribe<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure, Action<Subscription>? afterEnd)
        where TEvent : notnull
    {
        ObjectDisposedException.ThrowIf(_intake.State == EventBusState.Disposed, this);
        var subscription = _factory.Create(this, handler, configure);
        subscription.AfterEnd = afterEnd;
        if (subscription is DurableSubscription)
        {
            AddDurable(subscription);
            return subscription;
        }

        Add([subscription], _routes.Add);
        return subscription;
    }

    public IAsyncEnumerable<StreamedEvent<TEvent>> StreamAsync<TEvent>(StreamOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        ObjectDisposedException.ThrowIf(_intake.State == EventBusState.Disposed, this);
        return _streams.Of<TEvent>((options ?? new()).Checked(nameof(options)), cancellationToken);
    }

    public IObservable<TEvent> AsObservable<TEvent>(Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull => new EventObservable<TEvent>(this, configure);

    private void CloseFor(Type eventType) => Add(_factory.Close(this, eventType), closed => _routes.AddClosed(eventType, closed));

    // As one with a start: one that did not know of them would leave them held for as long as the bus runs.
    private void Add(Subscription[] subscriptions, Action<Subscription[]> add)
    {
        lock (_gate)
        {
            if (_intake.State == EventBusState.Stopped)
            {
                foreach (var held in subscriptions.OfType<BackgroundSubscription>())
                    held.Hold(true);
            }

            add(subscriptions);
        }
    }

    // Where it begins is decided in a start, before the first publish.
    private void AddDurable(Subscription subscription)
    {
        lock (_gate)
        {
            if (_intake.State is not (EventBusState.NotStarted or EventBusState.Stopped))
                throw new InvalidOperationException($"Subscription '{subscription.Name}' is durable, and a durable subscription begins when the bus starts. Register it with the builder, or add it while the bus is not started.");
            _routes.Add([subscription]);
        }
    }

    /// <summary>Ends one subscription.</summary>
    public async ValueTask EndAsync(Subscription subscription)
    {
        _routes.Remove(subscription);
        subscription.End();
        if (subscription is BackgroundSubscription background)
        {
            await background.WhenEndedAsync(WorkerMark.IsOf(this) ? WorkerMark.Current : null).AnyContext();
            if (background is DurableSubscription durable)
                await durable.EndRunAsync(new TaskCompletionSource().Task).AnyContext();
        }

        // Told once: a subscription may be disposed again when another one has its name.
        if (_routes.Forget(subscription))
            _parts.Observer?.Ended(subscription.Name);
        Idle.Check();
        subscription.AfterEnd?.Invoke(subscription);
    }

    public async ValueTask DisposeAsync()
    {
        bool wasStarted;
        lock (_gate)
        {
            if (_intake.State == EventBusState.Disposed)
                return;
            // From here on nobody starts it again, so that what is drained stays drained.
            _disposing = true;
            wasStarted = _intake.State != EventBusState.NotStarted;
            if (!wasStarted)
                _intake.State = EventBusState.Stopped;
        }

        if (wasStarted)
            await StopOnceAsync(IEventBus.DefaultStopLimit, CancellationToken.None).AnyContext();
        lock (_gate)
        {
            if (_intake.State == EventBusState.Disposed)
                return;
            _intake.State = EventBusState.Disposed;
        }

        _routes.Shut();
        foreach (var subscription in _routes.Unfinished.OfType<BackgroundSubscription>())
            subscription.Shut(_intake.Refusal(null)!);
        _routes.EndWithTheBus(_parts.Starter);
        _parts.EventLog?.Own?.Dispose();
        _parts.Timer.Dispose();
        _parts.Telemetry.Dispose();
    }

    // Whoever disposes synchronously gets the same graceful stop, and waits for it.
    public void Dispose() => _parts.Starter.Wait(DisposeAsync().AsTask());

    // Somebody else may have started, stopped or disposed it meanwhile: then the gate tells the publisher so.
    private void StartOnFirstUse()
    {
        var failedBefore = Volatile.Read(ref _failedStarts);
        lock (_gate)
        {
            if (_intake.State != EventBusState.NotStarted || _disposing)
                return;
            // Whoever waited for an attempt has its failure. With an attempt each, the last would wait for the time-outs of all.
            if (_failedStarts != failedBefore)
                _startFailure!.Throw();
            Start();
            if (_parts.EventLog is { } log)
                LogMessages.StartedByPublish(_parts.Log, LogText.Safe(log.Recorder.Log.Name));
        }
    }

    private void Start()
    {
        lock (_gate)
        {
            switch (_disposing ? EventBusState.Disposed : _intake.State)
            {
                case EventBusState.Started:
                    return;
                case EventBusState.Stopping:
                    throw new InvalidOperationException("The bus is stopping. Await StopAsync before you start it again.");
                case EventBusState.Disposed:
                    throw new ObjectDisposedException(nameof(IEventBus), "The bus is disposed and cannot be started again. Build another one.");
            }

            var isAgain = _intake.State == EventBusState.Stopped;
            if (_parts.EventLog is { } log)
                OpenLog(log);
            if (isAgain)
                OpenQueues();
            _stop = null;
            _intake.State = EventBusState.Started;
            // Not before: what is delivered now may publish at once.
            Deliver(isAgain);
            if (isAgain)
                _schedule.CatchUp();
            _logSchedule?.Start();
            LogMessages.Started(_parts.Log, _routes.Subscriptions.Count);
        }
    }

    private void OpenLog(LogParts log)
    {
        try
        {
            log.Open([.. _routes.Subscriptions.OfType<DurableSubscription>()]);
        }
        catch (Exception error)
        {
            _startFailure = ExceptionDispatchInfo.Capture(error);
            Volatile.Write(ref _failedStarts, _failedStarts + 1);
            throw;
        }

        if (_parts.Retention is { } retention)
            _retention?.Start(retention);
    }

    private void OpenQueues()
    {
        foreach (var subscription in _routes.Subscriptions.OfType<BackgroundSubscription>())
            subscription.Close(null, forWorkersToo: false);
    }

    private void Deliver(bool isAgain)
    {
        foreach (var subscription in _routes.Subscriptions)
        {
            if (subscription is DurableSubscription durable)
                durable.GoOn();
            else if (isAgain && subscription is BackgroundSubscription queued)
                queued.Hold(false);
        }
    }

    private Task<StopReceipt> StopOnceAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Stop stop;
        lock (_gate)
        {
            stop = _stop ??= new Stop(_parts, _routes, _intake, _schedule, _logSchedule, _retention, Idle, limit);
            if (_intake.State is EventBusState.Started or EventBusState.NotStarted)
                _intake.State = EventBusState.Stopping;
        }

        return stop.RunAsync(WorkerMark.IsOf(this) ? WorkerMark.Current : null, cancellationToken);
    }
}
