using System.Runtime.CompilerServices;
using EventBus.Lifecycle;
using EventBus.Observing;
using EventBus.Timing;

namespace EventBus.Testing;

/// <summary>A bus under test: the very bus that runs in production, on a clock that a test moves, with a log in memory, and with a history of all that happens.</summary>
/// <remarks>Thread-safe, but <see cref="AdvanceAsync"/>, <see cref="ExpectAsync{T}"/> and <see cref="RestartAsync"/> are called one at a time. Disposing it ends it at once: it waits for no handler.</remarks>
public sealed class TestBus : IEventBus
{
    private const string NotIdle = "The bus did not become idle.";

    private readonly TestParts _parts;
    private readonly Action<EventBusBuilder>? _configure;
    private volatile Life _life;

    private TestBus(TestParts parts, Action<EventBusBuilder> configure)
    {
        _parts = parts;
        _configure = configure;
        _life = Build();
    }

    internal TestBus(TestParts parts, Life life)
    {
        _parts = parts;
        _life = life;
    }

    /// <summary>Builds a bus under test without a container: with lambdas and handler instances. For one with a container see <c>services.AddEventBusTesting()</c>.</summary>
    /// <param name="configure">As for an application's bus. Called again by <see cref="RestartAsync"/>.</param>
    /// <param name="test">Says how it differs from one in production.</param>
    /// <exception cref="EventBusConfigurationException">The configuration is wrong; the message names every mistake.</exception>
    public static TestBus Create(Action<EventBusBuilder> configure, Action<TestBusBuilder>? test = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new TestBusBuilder(new ChosenClock());
        test?.Invoke(builder);
        return new TestBus(builder.Parts, configure);
    }

    /// <summary>The bus's clock.</summary>
    public TestClock Clock => _parts.Clock;

    /// <summary>What has happened so far.</summary>
    public EventHistory History => _parts.History.History;

    /// <summary>What is to go wrong.</summary>
    public TestFaults Faults => _parts.Faults;

    /// <inheritdoc/>
    public EventBusState State => Bus.State;

    /// <inheritdoc/>
    public IReadOnlyList<ISubscription> Subscriptions => Bus.Subscriptions;

    /// <inheritdoc/>
    public IDeadLetters DeadLetters => Bus.DeadLetters;

    /// <inheritdoc/>
    public IEventLogOperations EventLog => Bus.EventLog;

    /// <inheritdoc/>
    public IFlightRecorder? FlightRecorder => Bus.FlightRecorder;

    /// <inheritdoc/>
    public EventBusTopology Topology => Bus.Topology;

    private Bus Bus => _life.Bus;

    /// <summary>Completes when nothing is left to do before time passes: every event is settled, with all that it led to, or waits for its time, or its subscription is paused. A fact that is
    /// counted, and not a pause. Of several buses of a container, all are waited for.</summary>
    /// <exception cref="TimeoutException">It did not come to that: a handler does not return. The message shows which.</exception>
    public Task WhenIdleAsync() => WhenAllAsync(AreIdle);

    /// <summary>As <see cref="WhenIdleAsync()"/>, of the events of one conversation in this bus.</summary>
    /// <param name="correlationId">The conversation: <see cref="EventMetadata.CorrelationId"/>.</param>
    /// <exception cref="TimeoutException">It did not come to that. The message shows what is not done.</exception>
    public Task WhenIdleAsync(string correlationId)
    {
        ArgumentNullException.ThrowIfNull(correlationId);
        return WhenAsync(() => _parts.History.IsIdle(recorded => recorded.Metadata.CorrelationId == correlationId));
    }

    /// <summary>As <see cref="WhenIdleAsync()"/>, of one event and of all that it leads to in this bus.</summary>
    /// <param name="event">The event: <see cref="StimulateAsync{TEvent}"/> gives it, or <see cref="EventHistory.Of(object)"/>.</param>
    /// <exception cref="TimeoutException">It did not come to that. The message shows what is not done.</exception>
    public Task WhenIdleAsync(RecordedEvent @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        return WhenAsync(() => _parts.History.IsIdle(@event));
    }

    /// <summary>Lets time pass, from due time to due time: what becomes due at one is done before the next comes, so retries, delays, timeouts and leases come in their order. It passes for all buses of a container.</summary>
    /// <param name="time">Not negative.</param>
    /// <returns>Completes when the time has passed and nothing is left to do. It does not wait for handlers that wait for the clock themselves, see <see cref="TestClock"/>.</returns>
    /// <exception cref="TimeoutException">A handler neither returns nor waits for the clock. The message shows which. <see cref="TestClock.Advance"/> waits for nobody.</exception>
    public async Task AdvanceAsync(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var end = Clock.Elapsed + time;
        do
            await WhenStillAsync().AnyContext();
        while (StepTo(end));
        await WhenStillAsync().AnyContext();
    }

    /// <summary>Publishes an event, and gives what is known of it: to be waited for with <see cref="WhenIdleAsync(RecordedEvent)"/>, and asked what it led to.</summary>
    /// <inheritdoc cref="IEventPublisher.PublishAsync{TEvent}"/>
    public async Task<RecordedEvent> StimulateAsync<TEvent>(TEvent @event, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        RecordedEvent? recorded = null;
        using (Stimulus.Watch(found => recorded ??= found))
            await Bus.PublishAsync(@event, options, cancellationToken).AnyContext();
        return recorded ?? throw new InvalidOperationException("The event was published, and the bus's history does not know it.");
    }

    /// <summary>Waits until an event was published, and lets time pass for as long as it has to.</summary>
    /// <typeparam name="T">Its type; a base type or an interface fits every event of it.</typeparam>
    /// <param name="which">Which event of that type; default: any. The first that fits is the one, also if it was published before the call.</param>
    /// <param name="within">How much of the bus's time may pass; default: none.</param>
    /// <param name="causedBy">Only what this event led to, directly or through others; default: any.</param>
    /// <param name="text">The source text of <paramref name="which"/>, written by the compiler.</param>
    /// <exception cref="ExpectationFailedException">It was not published. The message names it and shows what was published instead.</exception>
    /// <exception cref="TimeoutException">As in <see cref="AdvanceAsync"/>.</exception>
    public async Task<T> ExpectAsync<T>(Func<T, bool>? which = null, TimeSpan within = default, RecordedEvent? causedBy = null, [CallerArgumentExpression(nameof(which))] string? text = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.Zero);
        var expectation = new Expectation<T>(_parts.History, which, causedBy, which is null ? null : text);
        var end = Clock.Elapsed + within;
        do
        {
            await WhenStillAsync().AnyContext();
            if (expectation.IsMet)
                return expectation.Found;
        }
        while (StepTo(end));
        await WhenStillAsync().AnyContext();
        return expectation.IsMet ? expectation.Found : throw expectation.Failed(within);
    }

    /// <summary>Completes when the process has died, as <see cref="TestFaults.CrashAt"/> wants it.</summary>
    /// <exception cref="TimeoutException">It did not.</exception>
    public Task WhenCrashedAsync() => BoundAsync(_life.WhenCrashedAsync(), "The bus did not come to a point at which it was to die.");

    /// <summary>Whether the process has died and was not restarted.</summary>
    public bool HasCrashed => _life.IsOver;

    /// <summary>Lets the process die now. What is not in the log is lost; what runs sees its token cancelled, and nobody hears what came of it.</summary>
    public void Crash() => _life.Crash();

    /// <summary>Builds the bus again, as a new process would, on the same log, and starts it. One that lives is let die before.</summary>
    /// <exception cref="InvalidOperationException">The bus belongs to a container.</exception>
    public async Task RestartAsync()
    {
        if (_configure is null)
            throw new InvalidOperationException("This bus belongs to a container. Build the container again, with services.AddEventBusTesting(test => test.UseLog(log)) and the same log; for a bus with a key, AddEventBusTesting(key, test => test.UseLog(log)).");
        var dead = _life;
        dead.Crash();
        await BoundAsync(dead.EndAsync(), "The bus that died did not end.").AnyContext();
        _life = Build();
        await Bus.StartAsync().AnyContext();
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync<TEvent>(TEvent @event, PublishOptions? options, CancellationToken cancellationToken = default)
        where TEvent : notnull => Bus.PublishAsync(@event, options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishManyAsync<TEvent>(IReadOnlyList<TEvent> events, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull => Bus.PublishManyAsync(events, options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, DateTimeOffset dueTime, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull => Bus.ScheduleAsync(@event, dueTime, options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ScheduledEvent> ScheduleAsync<TEvent>(TEvent @event, TimeSpan delay, PublishOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull => Bus.ScheduleAsync(@event, delay, options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> CancelScheduledAsync(ScheduledEvent scheduled, CancellationToken cancellationToken = default) => Bus.CancelScheduledAsync(scheduled, cancellationToken);

    /// <inheritdoc/>
    public IEventPublisher<TEvent> For<TEvent>()
        where TEvent : notnull => Bus.For<TEvent>();

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken = default) => Bus.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StopReceipt> StopAsync(TimeSpan? limit = null, CancellationToken cancellationToken = default) => Bus.StopAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public ISubscription Subscribe<TEvent>(Func<TEvent, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull => Bus.Subscribe(handler, configure);

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamedEvent<TEvent>> StreamAsync<TEvent>(StreamOptions? options = null, CancellationToken cancellationToken = default)
        where TEvent : notnull => Bus.StreamAsync<TEvent>(options, cancellationToken);

    /// <inheritdoc/>
    public IObservable<TEvent> AsObservable<TEvent>(Action<SubscriptionBuilder<TEvent>>? configure = null)
        where TEvent : notnull => Bus.AsObservable(configure);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _life.EndAsync().AnyContext();

    /// <inheritdoc/>
    public void Dispose() => WorkStarter.Here.Wait(DisposeAsync().AsTask());

    // Publishers first: what one of them leaves behind is counted before it is done.
    private static bool AreIdle(IReadOnlyList<Life> lives) => lives.All(static life => life.PublishersWaitForRoom) && IdleSignal.AreQuiet([.. lives.Select(static life => life.Bus.Idle)]);

    private static bool AreStill(IReadOnlyList<Life> lives) =>
        lives.All(static life => life.PublishersAwaitTime) && IdleSignal.AreStill([.. lives.Select(static life => life.Bus.Idle)], static () => true);

    private Life Build()
    {
        var life = new Life(_parts, new LivesTogether());
        var builder = new EventBusBuilder();
        _configure!(builder);
        builder.UseHarness(() => life).Build();
        return life;
    }

    /// <summary>Goes to the next due time, or to the end.</summary>
    /// <returns>Whether something was due by the end.</returns>
    private bool StepTo(TimeSpan end)
    {
        var due = Clock.NextDue;
        Clock.AdvanceTo(due < end ? due.Value : end);
        return due <= end;
    }

    private Task WhenStillAsync() => WhenAllAsync(AreStill);

    // Of a part: idle if the part is, and nothing is on its way from a timer to whoever publishes it; or if everything is.
    internal Task WhenAsync(Func<bool> partIsIdle)
    {
        var life = _life;
        return BoundAsync(life.Bus.Idle.WhenAsync(() => (!life.Bus.Idle.IsOnItsWay && partIsIdle()) || AreIdle([life])), NotIdle);
    }

    private Task WhenAllAsync(Func<IReadOnlyList<Life>, bool> are) => BoundAsync(UntilAllAsync(_life, are), NotIdle);

    private static async Task UntilAllAsync(Life own, Func<IReadOnlyList<Life>, bool> are)
    {
        while (true)
        {
            var lives = own.WithOthers;
            foreach (var life in lives)
                await life.Bus.Idle.WhenAsync(() => (life.IsOver && life != own) || are([life])).AnyContext();
            // The first may have been given something by the last, and a handler may have asked for a bus that was not there before.
            if (!own.WithOthers.SequenceEqual(lives))
                continue;
            if (lives.Count == 1 || (are(lives) && own.WithOthers.SequenceEqual(lives)))
                return;
        }
    }

    private async Task BoundAsync(Task task, string problem)
    {
        try
        {
            // More than that no timer takes, and no test lasts.
            await task.WaitAsync(_parts.Patience < Timing.Clock.LongestWait ? _parts.Patience : Timing.Clock.LongestWait).AnyContext();
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{problem} It was waited for, for {_parts.Patience} of real time. This is what has happened:{string.Concat(_life.WithOthers.Select(static life => $"{Environment.NewLine}{life.History.History}"))}", error);
        }
    }
}
