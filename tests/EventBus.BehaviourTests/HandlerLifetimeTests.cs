using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Who makes a handler, for how long, and what becomes of its scope.</summary>
public sealed class HandlerLifetimeTests
{
    private readonly Journal _journal = new();

    [Theory]
    [InlineData(HandlerLifetime.Scoped, 2)]
    [InlineData(HandlerLifetime.Transient, 2)]
    [InlineData(HandlerLifetime.Singleton, 1)]
    public async Task A_handler_is_made_for_each_delivery_or_once_as_its_lifetime_says(HandlerLifetime lifetime, int made)
    {
        await using var provider = Build(bus => bus.AddHandler<string, Recorder>(s => As(s, lifetime)));

        await PublishTwiceAsync(provider);

        Assert.Equal(made, _journal.Handlers.Distinct().Count());
    }

    [Fact]
    public async Task A_scoped_handler_is_the_one_of_its_scope()
    {
        await using var provider = Build(bus => bus.AddHandler<string, Recorder>(s => s.AsScoped()));

        await PublishTwiceAsync(provider);

        Assert.Equal(_journal.Handlers, _journal.FoundInScope);
    }

    [Fact]
    public async Task A_transient_handler_is_not_the_one_that_others_of_its_scope_get()
    {
        await using var provider = Build(bus => bus.AddHandler<string, Recorder>(s => s.AsTransient()));

        await PublishTwiceAsync(provider);

        Assert.Empty(_journal.Handlers.Intersect(_journal.FoundInScope));
    }

    [Theory]
    [InlineData(true, ServiceLifetime.Singleton, 1)]
    [InlineData(false, ServiceLifetime.Singleton, 1)]
    [InlineData(true, ServiceLifetime.Scoped, 2)]
    [InlineData(false, ServiceLifetime.Scoped, 2)]
    public async Task A_handler_that_the_application_registered_lives_as_the_application_said(bool before, ServiceLifetime lifetime, int made)
    {
        var own = ServiceDescriptor.Describe(typeof(Recorder), typeof(Recorder), lifetime);
        var services = new ServiceCollection().AddSingleton(_journal);
        if (before)
            services.Add(own);
        services.AddEventBus(bus => bus.AddHandler<string, Recorder>(s => _ = lifetime == ServiceLifetime.Singleton ? s.AsScoped() : s.AsSingleton()));
        if (!before)
            services.Add(own);
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        await PublishTwiceAsync(provider);

        Assert.Equal(made, _journal.Handlers.Distinct().Count());
    }

    [Fact]
    public async Task Each_attempt_has_a_scope_of_its_own_which_is_gone_when_the_next_begins()
    {
        var units = new List<Unit>();
        var wasDisposed = new List<bool>();
        await using var provider = Build(bus => bus.Handle<string, Unit>(
            (_, unit, context, _) =>
            {
                wasDisposed.AddRange(units.Select(static earlier => earlier.IsDisposed));
                units.Add(unit);
                return context.Attempt == 1 ? throw new InvalidOperationException() : default;
            },
            s => s.Retry(RetryPolicy.Immediate(2))));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();

        Assert.Equal([true], wasDisposed);
        Assert.NotSame(units[0], units[1]);
        Assert.True(units[1].IsDisposed);
    }

    [Fact]
    public async Task A_service_of_a_lambda_is_of_the_scope_that_its_context_shows()
    {
        var shown = new List<(Unit Given, Unit Found)>();
        await using var provider = Build(bus => bus.Handle<string, Unit>(async (_, unit, context, _) =>
        {
            await Task.Yield();
            shown.Add((unit, context.Services.GetRequiredService<Unit>()));
        }));

        await PublishTwiceAsync(provider);

        Assert.Equal(2, shown.Count);
        Assert.All(shown, static pair => Assert.Same(pair.Given, pair.Found));
        Assert.NotSame(shown[0].Given, shown[1].Given);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delivery_is_done_when_its_scope_has_been_disposed_asynchronously(bool handlerWaits)
    {
        var handling = new HeldHandler();
        var disposing = new HeldHandler();
        await using var provider = new ServiceCollection()
            .AddScoped(_ => new SlowToGo(disposing))
            .AddEventBus(bus => bus.Handle<string, SlowToGo>((_, _, _, _) => handlerWaits ? handling.HoldAsync() : default, s => s.Inline()))
            .BuildServiceProvider(validateScopes: true);

        var publish = provider.GetRequiredService<IEventPublisher>().PublishAsync("fact").AsTask();
        handling.Open();
        await disposing.Entered;

        Assert.False(publish.IsCompleted);
        disposing.Open();
        await publish.Soon();
    }

    [Fact]
    public async Task An_abandoned_handler_keeps_its_scope_until_it_has_really_returned()
    {
        var clock = new FakeTimeProvider();
        var abandoned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.Contains("was abandoned", StringComparison.Ordinal), abandoned);
        var held = new HeldHandler();
        Unit? kept = null;
        await using var provider = Build(log, bus => bus.UseTimeProvider(clock).Handle<string, Unit>(
            (_, unit, context, _) =>
            {
                if (context.Attempt > 1)
                    return default;
                kept = unit;
                return held.HoldAsync();
            },
            s => s.Timeout(TimeSpan.FromSeconds(5)).ReportStuckAfter(TimeSpan.FromSeconds(1)).WhenStuck(StuckHandlerAction.Abandon).Retry(RetryPolicy.Immediate(2))));
        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishAsync("fact");
        await held.Entered;

        await log.AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), abandoned.Task);
        await bus.WhenSettled();
        var wasDisposed = kept!.IsDisposed;
        held.Open();

        Assert.False(wasDisposed);
        await kept.Disposed.Soon();
    }

    private static void As(SubscriptionBuilder<string> subscription, HandlerLifetime lifetime) => _ = lifetime switch
    {
        HandlerLifetime.Singleton => subscription.AsSingleton(),
        HandlerLifetime.Transient => subscription.AsTransient(),
        _ => subscription.AsScoped(),
    };

    private static async Task PublishTwiceAsync(ServiceProvider provider)
    {
        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishManyAsync(["first", "second"]);
        await bus.WhenSettled();
        Assert.Equal(2, Assert.Single(bus.Subscriptions).Statistics.Handled);
    }

    private ServiceProvider Build(Action<EventBusBuilder> configure) => Build(NullLoggerFactory.Instance, configure);

    private ServiceProvider Build(ILoggerFactory log, Action<EventBusBuilder> configure) => new ServiceCollection()
        .AddSingleton(log)
        .AddSingleton(_journal)
        .AddScoped<Unit>()
        .AddEventBus(configure)
        .BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

    private sealed class Journal
    {
        public List<object> Handlers { get; } = [];

        public List<object> FoundInScope { get; } = [];
    }

    private sealed class Recorder(Journal journal) : IEventHandler<string>
    {
        public ValueTask HandleAsync(string @event, EventContext context, CancellationToken cancellationToken)
        {
            journal.Handlers.Add(this);
            journal.FoundInScope.Add(context.Services.GetRequiredService<Recorder>());
            return default;
        }
    }

    private sealed class Unit : IDisposable
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Disposed => _disposed.Task;

        public bool IsDisposed => _disposed.Task.IsCompleted;

        public void Dispose() => _disposed.SetResult();
    }

    private sealed class SlowToGo(HeldHandler held) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => held.HoldAsync();
    }
}
