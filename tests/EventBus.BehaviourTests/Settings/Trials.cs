using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using EventBus.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventBus.BehaviourTests.Settings;

/// <summary>For each type of the public surface how its values get into a bus.</summary>
internal static class Trials
{
    private static readonly TrialMode[] s_modes = Enum.GetValues<TrialMode>();
    private static readonly TrialMode[] s_memory = [TrialMode.Inline, TrialMode.Queued, TrialMode.Durable];
    private static readonly TrialMode[] s_durable = [TrialMode.Durable, TrialMode.DurableInFile];

    // What gives a setting its meaning, where it has none alone.
    private static readonly Action<SubscriptionBuilder<Attempted>>[] s_bases =
    [
        static _ => { },
        static s => s.Idempotent().RetryBudget(1).WhenStuck(StuckHandlerAction.Abandon),
        static s => s.OrderedBy(static attempted => attempted.Number),
    ];

    private static readonly Dictionary<Type, Func<PublicInput, object, IEnumerable<Func<Task>>>> s_byOwner = new()
    {
        [typeof(SubscriptionSettings)] = static (input, value) => Each(s_memory, mode => BasesOf(mode).Select(configure => new Trial(mode)
        {
            Subscription = configure,
            Bus = bus => bus.ConfigureSubscriptions(settings =>
            {
                if (settings.Name != "attempted")
                    return;
                if (input.Parameter is null)
                    input.Set(settings, value);
                else
                    input.Call(settings, value);
            }),
        })),
        [typeof(SubscriptionBuilderOf<>)] = static (input, value) => Each(value is InlineScope ? [TrialMode.Inline] : s_memory, mode => BasesOf(mode).Select(configure => new Trial(mode)
        {
            Subscription = s =>
            {
                configure(s);
                if (value is HandlerLifetime lifetime && input.Member.Name == nameof(s.AddMiddleware))
                    s.AddMiddleware<Through>(lifetime);
                else
                    input.Call(s, value, LogPosition.Earliest);
            },
        })),
        [typeof(SubscriptionBuilder<>)] = static (input, value) => Each(s_memory, mode => [new Trial(mode) { Subscription = s => input.Call(s, value) }]),
        [typeof(EventBusBuilder)] = static (input, value) => Each(s_memory, mode => [new Trial(mode) { Bus = bus => Configure(input, bus, value) }]),
        [typeof(EventBusBuilderMiddlewareExtensions)] = static (_, value) => Each(s_memory, mode => [new Trial(mode) { Bus = bus => bus.AddMiddleware<Through>((HandlerLifetime)value) }]),
        [typeof(EventTypeBuilder<>)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Bus = bus => bus.AddEvent<Attempted>(e => Configure(input, e, value)) }]),
        [typeof(EventBusServiceCollectionExtensions)] = static (input, value) => [() => KeyedAsync(input, value)],
        [typeof(PublishOptions)] = static (input, value) => Each(s_modes, mode => [
            new Trial(mode) { Options = input.Set(new PublishOptions(), value), IsOneEvent = GivesId(input), Act = bus => ScheduleAsync(bus, input.Set(new PublishOptions(), value)) },
            new Trial(mode) { Options = input.Set(new PublishOptions(), value), IsOneEvent = GivesId(input), Subscription = s => InOrder(s, mode) },
        ]),
        [typeof(EventEnrichment)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { IsOneEvent = GivesId(input), Bus = bus => bus.AddEnricher(new Enricher(attributes => input.Set(attributes, value))) }]),
        [typeof(IEventPublisher)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Act = bus => AwaitAsync(input.Call(bus, value, new Attempted(3))) }]),
        [typeof(IEventBus)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Stop = bus => ((ValueTask<StopReceipt>)input.Call(bus, value)!).AsTask() }]),
        [typeof(StreamOptions)] = static (input, value) => Each([TrialMode.Queued, TrialMode.Durable], mode => [new Trial(mode) { Act = bus => StreamAsync(bus, input.Set(new StreamOptions(), value)) }]),
        [typeof(LogQuery)] = static (input, value) => Each(s_durable, mode => [new Trial(mode) { Act = bus => ReadAsync(bus, input.Set(new LogQuery(), value)) }]),
        [typeof(DeadLetterQuery)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Act = bus => QueryAsync(bus, input.Set(new DeadLetterQuery(), value)) }]),
        [typeof(LogRetention)] = static (input, value) => Each(s_durable, mode => [
            new Trial(mode) { Bus = bus => bus.Retain(input.Set(new LogRetention(), value)) },
            new Trial(mode) { Act = bus => bus.EventLog.RetainAsync(input.Set(new LogRetention(), value)).AsTask() },
        ]),
        [typeof(LogPosition)] = static (input, value) => Each(s_durable, mode => [
            new Trial(mode) { Bus = bus => bus.Handle<Attempted>(static (_, _, _) => default, s => s.Named("from").Durable((LogPosition)input.Call(null, value)!)) },
            new Trial(mode) { Act = bus => ReadAsync(bus, new() { From = (LogPosition)input.Call(null, value)! }) },
            new Trial(mode) { Act = bus => StreamAsync(bus, new() { From = (LogPosition)input.Call(null, value)! }) },
            new Trial(mode) { Act = bus => bus.EventLog.ReplayAsync("attempted", (LogPosition)input.Call(null, value)!).AsTask() },
        ]),
        [typeof(RetryPolicy)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Subscription = s => s.Retry((RetryPolicy)input.Call(RetryPolicy.Fixed(3, TimeSpan.FromSeconds(1)), value)!) }]),
        [typeof(RetryDecision)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Subscription = s => s.Retry(new Decided((RetryDecision)input.Call(null, value)!)) }]),
        [typeof(RetryAfterException)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Failure = Given((Exception)input.Call(null, value)!) }]),
        [typeof(DoNotRetryException)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Failure = Given((Exception)input.Call(null, value)!) }]),
        [typeof(IDeadLetters)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Act = bus => AwaitAsync(input.Call(bus.DeadLetters, value)) }]),
        [typeof(IEventLogOperations)] = static (input, value) => Each(s_durable, mode => [new Trial(mode) { Act = bus => AwaitAsync(input.Call(bus.EventLog, value)) }]),
        [typeof(ScheduledEvent)] = static (input, value) => Each(s_modes, mode => [new Trial(mode) { Act = bus => bus.CancelScheduledAsync(Made<ScheduledEvent>(input, new("a", DateTimeOffset.UnixEpoch, "attempted"), value)).AsTask() }]),
        [typeof(EventMetadata)] = static (input, value) => [() => CreateContext(input, value)],
        [typeof(InMemoryDeadLetterStore)] = static (input, value) => Each([TrialMode.Queued], mode => [new Trial(mode) { Bus = bus => bus.UseDeadLetterStore((IDeadLetterStore)input.Call(null, value)!) }]),
        [typeof(InMemoryIdempotencyStore)] = static (input, value) => Each([TrialMode.Queued], mode => [new Trial(mode) { Subscription = static s => s.Idempotent(), Bus = bus => bus.UseIdempotencyStore((IIdempotencyStore)input.Call(null, value)!) }]),
        [typeof(IFlightRecorder)] = static (input, value) => Each([TrialMode.Queued], mode => [new Trial(mode) { Bus = static bus => bus.UseFlightRecorder(10), Act = bus => AwaitAsync(input.Call(bus.FlightRecorder, value)) }]),
        [typeof(SqliteEventLogOptions)] = static (input, value) => [() => InFileAsync(options => input.Set(options, value))],
        [typeof(EventBusHostingOptions)] = static (input, value) => [() => HostAsync(services => services.AddEventBusHosting(options => input.Set(options, value)))],
        [typeof(EventBusHealthOptions)] = static (input, value) => [() => HostAsync(services => services.AddHealthChecks().AddEventBus(options => input.Set(options, value)))],
        [typeof(TestBusBuilder)] = static (input, value) => [() => TestAsync(test => input.Call(test, value))],
        [typeof(TestClock)] = static (input, value) => [() => ClockAsync(input, value)],
        [typeof(TestFaults)] = static (input, value) => [() => TestAsync(static _ => { }, bus => AwaitAsync(input.Call(bus.Faults, value, static (EventMetadata _) => (Exception?)null)), dies: input.Member.Name == nameof(TestFaults.CrashAt))],
        [typeof(RecordingPublisher)] = static (input, value) => [() => AwaitAsync(input.Call(new RecordingPublisher(), value, new Attempted(1)))],
    };

    /// <summary>The trials of one value; nothing where there is none of its owner.</summary>
    public static IEnumerable<Func<Task>>? Of(PublicInput input, object value) => s_byOwner.TryGetValue(input.Owner, out var trials) ? trials(input, value) : null;

    public static bool Has(PublicInput input) => s_byOwner.ContainsKey(input.Owner);

    private static IEnumerable<Func<Task>> Each(TrialMode[] modes, Func<TrialMode, IEnumerable<Trial>> trials)
    {
        foreach (var mode in modes)
        {
            IEnumerable<Trial> made;
            Exception? refusal = null;
            try
            {
                made = [.. trials(mode)];
            }
            catch (Exception error)
            {
                made = [];
                refusal = error;
            }

            if (refusal is not null)
                yield return () => throw new RefusedException(refusal);
            foreach (var trial in made)
            {
                yield return async () =>
                {
                    using (trial)
                        await trial.RunAsync();
                };
            }
        }
    }

    private static Func<Exception> Given(Exception error) => () => error;

    // Inline, what the others are about means nothing.
    private static IEnumerable<Action<SubscriptionBuilder<Attempted>>> BasesOf(TrialMode mode) => mode == TrialMode.Inline ? s_bases.Take(1) : s_bases;

    private static void InOrder(SubscriptionBuilder<Attempted> subscription, TrialMode mode)
    {
        if (mode != TrialMode.Inline)
            subscription.OrderedBy(static attempted => attempted.Number % 2);
    }

    private static void Configure(PublicInput input, EventBusBuilder bus, object value)
    {
        if (input.Member.Name == nameof(EventBusBuilder.AddSubscription))
            bus.AddSubscription<AnyHandler>((string)value, static s => s.On<Attempted>());
        else
            input.Call(bus, value);
    }

    private static void Configure(PublicInput input, EventTypeBuilder<Attempted> type, object value)
    {
        if (value is HandlerLifetime lifetime)
            type.AddMiddleware<Through>(lifetime);
        else
            input.Call(type, value);
    }

    private static bool GivesId(PublicInput input) => input.Member.Name == nameof(PublishOptions.Id);

    private static T Made<T>(PublicInput input, T ordinary, object value) => input.Parameter is null ? input.Set(ordinary, value) : (T)input.Call(null, value)!;

    private static async Task AwaitAsync(object? result)
    {
        switch (result)
        {
            case Task task:
                await task;
                break;
            case ValueTask task:
                await task;
                break;
            case not null when result.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>):
                await (Task)type.GetMethod("AsTask")!.Invoke(result, null)!;
                break;
        }
    }

    private static async Task ScheduleAsync(IEventBus bus, PublishOptions options) => await bus.ScheduleAsync(new Attempted(3), TimeSpan.FromSeconds(1), options);

    private static async Task StreamAsync(IEventBus bus, StreamOptions options)
    {
        await using var events = bus.StreamAsync<Attempted>(options).GetAsyncEnumerator();
        var next = events.MoveNextAsync();
        for (var number = 4; number < 9; number++)
            await bus.PublishAsync(new Attempted(number));
        Assert.True(await next);
        Assert.True(events.Current.Event.Number > 0);
    }

    private static async Task ReadAsync(IEventBus bus, LogQuery query)
    {
        await foreach (var logged in bus.EventLog.ReadAsync(query))
            Assert.True(logged.Metadata.Sequence > 0);
    }

    private static async Task QueryAsync(IEventBus bus, DeadLetterQuery query)
    {
        await bus.DeadLetters.ListAsync(query);
        await bus.DeadLetters.CountAsync(query);
        await bus.DeadLetters.RedriveAsync(query);
        await bus.DeadLetters.PurgeAsync(query);
    }

    private static Task CreateContext(PublicInput input, object value)
    {
        var ordinary = new EventMetadata { Id = "a", Type = "b", Time = DateTimeOffset.UnixEpoch, CorrelationId = "c", Subscription = "d" };
        var context = EventContext.Create(Made(input, ordinary, value));
        Assert.Equal(context.Id, context.Capture().Id);
        return Task.CompletedTask;
    }

    private static async Task KeyedAsync(PublicInput input, object value)
    {
        var services = new ServiceCollection();
        try
        {
            if (input.Member.Name != nameof(EventBusServiceCollectionExtensions.AddEventBus))
                services.AddEventBus((string)value);
            input.Call(null, value, services, static (EventBusBuilder bus) => { bus.Handle<Attempted>(static (_, _, _) => default); });
        }
        catch (ArgumentException error)
        {
            throw new RefusedException(error);
        }

        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredKeyedService<IEventBus>(value);
        await bus.PublishAsync(new Attempted(1));
        await bus.StopAsync();
    }

    private static async Task InFileAsync(Action<SqliteEventLogOptions> configure)
    {
        var folder = Directory.CreateTempSubdirectory("eventbus-");
        using var trial = new Trial(TrialMode.Queued) { Bus = bus => bus.UseSqlite($"Data Source={Path.Combine(folder.FullName, "events.db")}", configure).AddEvent<Attempted>(static e => e.Logged()) };
        await trial.RunAsync();
        folder.Delete(recursive: true);
    }

    private static async Task HostAsync(Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new TrialLog()).AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddEventBusHosting();
        services.AddEventBus(static bus => bus.Handle<Attempted>(static (_, _, _) => default));
        configure(services);
        await using var provider = services.BuildServiceProvider();
        IHostedService[] hosted;
        try
        {
            // As a host does before it starts anything.
            provider.GetService<Microsoft.Extensions.Options.IStartupValidator>()?.Validate();
            hosted = [.. provider.GetServices<IHostedService>()];
        }
        catch (Exception error)
        {
            throw new RefusedException(error);
        }

        foreach (var service in hosted)
            await service.StartAsync(CancellationToken.None);
        await provider.GetRequiredService<IEventBus>().PublishAsync(new Attempted(1));
        if (provider.GetService<HealthCheckService>() is { } health)
        {
            foreach (var (_, entry) in (await health.CheckHealthAsync()).Entries)
                Assert.Null(entry.Exception);
        }

        foreach (var service in hosted)
            await service.StopAsync(CancellationToken.None).Soon();
    }

    private static async Task TestAsync(Action<TestBusBuilder> configure, Func<TestBus, Task>? act = null, bool dies = false)
    {
        TestBus bus;
        try
        {
            bus = TestBus.Create(static bus => bus.Handle<Attempted>(static (_, _, _) => default, static s => s.Named("attempted")), test => configure(test));
            await (act?.Invoke(bus) ?? Task.CompletedTask);
        }
        catch (ArgumentException error)
        {
            throw new RefusedException(error);
        }

        await bus.PublishAsync(new Attempted(1));
        try
        {
            await bus.WhenIdleAsync().Soon();
        }
        catch (TimeoutException)
        {
            // Patience that ends at once.
        }

        try
        {
            await bus.StopAsync().AsTask().Soon();
        }
        catch (ObjectDisposedException) when (dies)
        {
            // The bus came to the point at which it was to die, before or within the stop.
        }
    }

    private static async Task ClockAsync(PublicInput input, object value)
    {
        TestClock clock;
        try
        {
            clock = input.Member.Name == ".ctor" ? (TestClock)input.Call(null, value)! : new TestClock();
            if (input.Member.Name != ".ctor")
                input.Call(clock, value);
        }
        catch (ArgumentException error)
        {
            throw new RefusedException(error);
        }

        await TestAsync(test => test.UseClock(clock));
    }

    private sealed class Decided(RetryDecision decision) : RetryPolicy
    {
        public override RetryDecision Decide(in RetryAttempt attempt) => attempt.Attempt == 1 ? decision : RetryDecision.GiveUp();
    }

    private sealed class AnyHandler : IEventHandler<Attempted>
    {
        public ValueTask HandleAsync(Attempted @event, EventContext context, CancellationToken cancellationToken) => default;
    }

    private sealed class Through : IEventMiddleware
    {
        public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull => next.HandleAsync(@event, context, cancellationToken);
    }

    private sealed class Enricher(Action<EventEnrichment> enrich) : IEventEnricher
    {
        public ValueTask EnrichAsync(object @event, EventEnrichment attributes, CancellationToken cancellationToken)
        {
            if (@event is Attempted)
                enrich(attributes);
            return default;
        }
    }
}
