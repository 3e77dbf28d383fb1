using System.Collections.Concurrent;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>The very first publishes of a type, all at the same moment.</summary>
public sealed class ConcurrencyStartTests
{
    private const int Threads = 64;

    [Fact]
    public async Task The_first_publishes_of_a_type_from_64_threads_reach_all_who_want_it_and_nobody_else()
    {
        var counts = new ConcurrentDictionary<string, int>();
        await using var bus = new EventBusBuilder()
            .Handle<Placed>((_, _, _) => Count("own"), s => s.Concurrency(4))
            .Handle<IFact>((_, _, _) => Count("interface"))
            .Handle<object>((_, _, _) => Count("object"), s => s.Inline())
            .Handle<Cancelled>((_, _, _) => Count("sibling"))
            .Build();

        await AtOnce(thread => thread % 2 == 0
            ? bus.PublishAsync(new Placed()).AsTask()
            : bus.PublishAsync<IFact>(new Placed()).AsTask());
        await bus.WhenSettled();

        Assert.Equal(["interface 64", "object 64", "own 64"], counts.Select(static count => $"{count.Key} {count.Value}").Order(StringComparer.Ordinal));

        ValueTask Count(string name)
        {
            counts.AddOrUpdate(name, 1, static (_, count) => count + 1);
            return default;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_singleton_handler_is_built_once_by_64_first_publishes(bool inline)
    {
        var built = new Built();
        await using var services = Services<SingletonHandler>(built, s => _ = inline ? s.AsSingleton().Inline() : s.AsSingleton().Concurrency(8));
        var bus = services.GetRequiredService<IEventBus>();
        await bus.StartAsync();

        await AtOnce(_ => services.GetRequiredService<IEventPublisher>().PublishAsync(new Placed()).AsTask());
        await bus.WhenSettled();

        Assert.Equal(1, built.Handlers);
        Assert.Equal(Threads, built.Calls.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_of_64_first_deliveries_has_a_scoped_handler_and_a_scope_of_its_own(bool inline)
    {
        var built = new Built();
        await using var services = Services<ScopedHandler>(built, s => _ = inline ? s.AsScoped().Inline() : s.AsScoped().Concurrency(8));
        var bus = services.GetRequiredService<IEventBus>();
        await bus.StartAsync();

        await AtOnce(_ => services.GetRequiredService<IEventPublisher>().PublishAsync(new Placed()).AsTask());
        await bus.WhenSettled();

        Assert.Equal(Threads, built.Handlers);
        Assert.Equal(Threads, built.Calls.Count);
        Assert.Equal(Threads, built.Calls.Distinct().Count());
        Assert.All(built.Calls, static unit => Assert.True(((UnitOfWork)unit).IsDisposed));
    }

    private static ServiceProvider Services<THandler>(Built built, Action<SubscriptionBuilder<Placed>> configure)
        where THandler : class, IEventHandler<Placed>
    {
        var services = new ServiceCollection().AddSingleton(built).AddScoped<UnitOfWork>();
        services.AddEventBus(bus => bus.AddHandler<Placed, THandler>(configure));
        return services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    /// <summary>Lets so many threads go at the same moment.</summary>
    private static async Task AtOnce(Func<int, Task> action)
    {
        using var start = new Barrier(Threads);
        var done = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return action(thread);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap());
        await Task.WhenAll(done).Soon();
    }

    internal interface IFact;

    internal sealed record Placed : IFact;

    internal sealed record Cancelled : IFact;

    internal sealed class Built
    {
        private int _handlers;

        public int Handlers => Volatile.Read(ref _handlers);

        public ConcurrentQueue<object> Calls { get; } = new();

        public void CountHandler() => Interlocked.Increment(ref _handlers);
    }

    internal sealed class UnitOfWork : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    internal sealed class SingletonHandler : IEventHandler<Placed>
    {
        private readonly Built _built;

        public SingletonHandler(Built built)
        {
            _built = built;
            built.CountHandler();
        }

        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            _built.Calls.Enqueue(this);
            return default;
        }
    }

    internal sealed class ScopedHandler : IEventHandler<Placed>
    {
        private readonly Built _built;
        private readonly UnitOfWork _unit;

        public ScopedHandler(Built built, UnitOfWork unit)
        {
            (_built, _unit) = (built, unit);
            built.CountHandler();
        }

        public async ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            await Task.Yield();
            Assert.False(_unit.IsDisposed);
            Assert.Same(_unit, context.Services.GetRequiredService<UnitOfWork>());
            _built.Calls.Enqueue(_unit);
        }
    }
}
