using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBus.BehaviourTests.Settings;

internal enum TrialMode
{
    Inline,
    Queued,
    Durable,
    DurableInFile,
}

/// <summary>A whole life of a bus with one odd value somewhere: built, started, two events published of which one is retried, stopped.</summary>
internal sealed class Trial(TrialMode mode) : IDisposable
{
    private const int MostSteps = 200;

    private static readonly DateTimeOffset s_end = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan s_aTimersLongest = TimeSpan.FromDays(50);

    private readonly object _gate = new();
    private readonly SteppedClock _clock = new();
    private readonly TrialLog _lines = new();
    private readonly HashSet<int> _handled = [];
    private readonly HashSet<int> _refused = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("eventbus-").FullName;
    private bool _isWitnessed;

    public Action<EventBusBuilder> Bus { get; init; } = static _ => { };

    public Action<SubscriptionBuilder<Attempted>> Subscription { get; init; } = static _ => { };

    public PublishOptions? Options { get; init; }

    /// <summary>Whether both events have one id: a log takes the second for the first, published again.</summary>
    public bool IsOneEvent { get; init; }

    /// <summary>What the handler throws at the first attempt at the first event.</summary>
    public Func<Exception> Failure { get; init; } = static () => new PlannedException();

    /// <summary>What else is done with the bus, which the odd value may be a part of.</summary>
    public Func<IEventBus, Task> Act { get; init; } = static _ => Task.CompletedTask;

    public Func<IEventBus, Task<StopReceipt>> Stop { get; init; } = static bus => bus.StopAsync().AsTask();

    /// <exception cref="RefusedException">It was refused at the call, or when the bus was built.</exception>
    /// <exception cref="InvalidOperationException">Something failed later.</exception>
    public async Task RunAsync()
    {
        var services = Services();
        var bus = Refusing(services.GetRequiredService<IEventBus>);
        try
        {
            await bus.StartAsync().AsTask().Soon();
            await PublishAsync(bus, 1);
            await RefusingAsync(() => Act(bus).Soon());
            await PublishAsync(bus, 2);
            await bus.PublishAsync(new Witnessed(1)).AsTask().Soon();
            await SettleAsync(bus);
            await JudgeAsync(bus);
            await StopAsync(bus);
            await services.DisposeAsync().AsTask().Soon();
        }
        catch
        {
            // Nothing more is asked of it, and its clock stands.
            _ = bus.StopAsync(TimeSpan.Zero, new CancellationToken(canceled: true)).AsTask();
            throw;
        }

        Require(_lines.Mistakes.Count == 0, string.Join("; ", _lines.Mistakes.Take(3)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(_lines);
        Refusing(() => services.AddEventBus(bus =>
        {
            bus.UseTimeProvider(_clock).UseSeed(1);
            if (mode == TrialMode.Durable)
                bus.UseEventLog(new InMemoryEventLog());
            if (mode == TrialMode.DurableInFile)
                bus.UseSqlite($"Data Source={Path.Combine(_folder, "events.db")}", static options => options.Synchronous = SqliteSynchronous.Normal);
            bus.Handle<Witnessed>((_, _, _) =>
            {
                _isWitnessed = true;
                return default;
            });
            bus.Handle<Attempted>(HandleAsync, Configure);
            Bus(bus);
        }));
        return services.BuildServiceProvider();
    }

    private void Configure(SubscriptionBuilder<Attempted> subscription)
    {
        subscription.Named("attempted").Retry(RetryPolicy.Fixed(3, TimeSpan.FromSeconds(1)));
        if (mode == TrialMode.Inline)
            subscription.Inline();
        if (mode is TrialMode.Durable or TrialMode.DurableInFile)
            subscription.Durable();
        Subscription(subscription);
    }

    private ValueTask HandleAsync(Attempted attempted, EventContext context, CancellationToken cancellationToken)
    {
        _ = (context.Capture(), context.Key, context.Id);
        if (attempted.Number == 1 && context.Attempt == 1)
            throw Failure();
        lock (_gate)
            _handled.Add(attempted.Number);
        return default;
    }

    private async Task PublishAsync(IEventBus bus, int number)
    {
        using var ended = new CancellationTokenSource();
        try
        {
            var publishing = bus.PublishAsync(new Attempted(number), Options, ended.Token).AsTask();
            await StepAsync(bus, publishing);
            // Inline, a retry that waits for ever waits in the publisher's time.
            if (mode == TrialMode.Inline && !publishing.IsCompleted)
                await ended.CancelAsync();
            await publishing.Soon();
        }
        catch (OperationCanceledException) when (mode == TrialMode.Inline && ended.IsCancellationRequested)
        {
        }
        catch (Exception error) when (mode == TrialMode.Inline && error is PlannedException or RetryAfterException or DoNotRetryException or AggregateException { InnerException: PlannedException })
        {
            // Accepted, and the handler has failed for good.
        }
        catch (PublishException)
        {
            _refused.Add(number);
        }
        catch (Exception error) when (Options is not null)
        {
            throw new RefusedException(error);
        }
    }

    private async Task SettleAsync(IEventBus bus)
    {
        for (var steps = 0; steps < MostSteps; steps++)
        {
            await bus.WhenQuiet();
            if (bus.IsSettled() || _clock.GetUtcNow() > s_end || !_clock.TryStep())
                return;
        }
    }

    private async Task JudgeAsync(IEventBus bus)
    {
        Require(_isWitnessed, "another subscription did not get its event");
        if (mode == TrialMode.Inline)
            return;
        var subscription = bus.Subscriptions.Single(static subscription => subscription.Name == "attempted");
        var counts = subscription.Statistics;
        var letters = await bus.DeadLetters.CountAsync();
        lock (_gate)
        {
            var isExplained = IsOneEvent || _handled.Contains(2) || _refused.Contains(2) || counts.Expired + counts.Dropped + counts.Duplicates > 0 || letters > 0;
            Require(isExplained, $"the event behind the one that failed was not handled: {counts}");
            isExplained = _handled.Contains(1) || _refused.Contains(1) || counts.Waiting + counts.Expired + counts.Dropped + counts.Duplicates > 0 || letters > 0;
            Require(isExplained, $"the event that failed is neither handled, nor waits, nor is it a dead letter: {counts}");
        }
    }

    private async Task StopAsync(IEventBus bus)
    {
        Task<StopReceipt> stopping;
        try
        {
            stopping = Stop(bus);
        }
        catch (ArgumentException error)
        {
            throw new RefusedException(error);
        }

        await StepAsync(bus, stopping);
        await stopping.Soon();
    }

    // Time goes on where nothing else can.
    private async Task StepAsync(IEventBus bus, Task task)
    {
        for (var steps = 0; steps < MostSteps && !task.IsCompleted; steps++)
        {
            // A handler that runs inline keeps the bus from rest, also while it waits for its retry.
            await Task.WhenAny(task, mode == TrialMode.Inline ? _clock.WhenDueWithin(s_aTimersLongest) : bus.WhenQuiet()).Soon();
            if (!task.IsCompleted && !_clock.TryStep())
                return;
        }
    }

    private static T Refusing<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception error)
        {
            throw new RefusedException(error);
        }
    }

    private static async Task RefusingAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception error) when (error is not TimeoutException)
        {
            throw new RefusedException(error);
        }
    }

    private static void Require(bool promise, string text)
    {
        if (!promise)
            throw new InvalidOperationException(text);
    }
}

/// <summary>A value was refused where it was given, or when the bus was built.</summary>
internal sealed class RefusedException(Exception reason) : Exception(reason.Message, reason);
