using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>Which dependency injection scope an inline handler runs in.</summary>
public sealed class InlineScopeTests
{
    private readonly List<Unit> _seen = [];

    [Fact]
    public async Task By_default_an_inline_handler_has_a_scope_of_its_own()
    {
        await using var provider = Build(bus => bus.Handle<Fact, Unit>(See, static s => s.Inline()));
        await using var request = provider.CreateAsyncScope();

        await PublishIn(request);

        Assert.NotSame(UnitOf(request), Assert.Single(_seen));
        Assert.True(_seen[0].IsDisposed);
    }

    [Fact]
    public async Task With_the_callers_scope_handlers_share_the_publishers_unit_of_work_and_leave_it_open()
    {
        await using var provider = Build(bus => bus
            .Handle<Fact, Unit>(See, static s => s.Inline(InlineScope.Caller))
            .AddHandler<Fact, Keeper>(static s => s.Inline(InlineScope.Caller)));
        await using var request = provider.CreateAsyncScope();

        await PublishIn(request);

        Assert.Equal([UnitOf(request), UnitOf(request)], _seen);
        Assert.False(UnitOf(request).IsDisposed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Published_outside_any_scope_the_handler_has_one_of_its_own(bool afterARequest)
    {
        await using var provider = Build(bus => bus.Handle<Fact, Unit>(See, static s => s.Inline(InlineScope.Caller)));
        if (afterARequest)
        {
            await using var request = provider.CreateAsyncScope();
            await PublishIn(request);
        }

        _seen.Clear();
        await provider.GetRequiredService<IEventPublisher>().PublishAsync(new Fact());
        await provider.GetRequiredService<IEventBus>().PublishAsync(new Fact());

        Assert.Equal(2, _seen.Distinct().Count());
        Assert.All(_seen, static unit => Assert.True(unit.IsDisposed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_runs_after_a_handler_in_the_callers_scope_does_not_see_that_scope(bool handlerWaits)
    {
        var services = new List<IServiceProvider>();
        await using var provider = Build(bus => bus
            .Handle<Fact>(Note, static s => s.Inline())
            .Handle<Fact, Unit>(
                async (_, _, _, _) =>
                {
                    if (handlerWaits)
                        await Task.Yield();
                },
                static s => s.Inline(InlineScope.Caller))
            .Handle<Fact>(Note, static s => s.Inline()));
        await using (var request = provider.CreateAsyncScope())
            await PublishIn(request);

        await provider.GetRequiredService<IEventBus>().PublishAsync(new Fact());

        Assert.Equal(4, services.Count);
        Assert.All(services, root => Assert.Same(services[0], root));

        ValueTask Note(Fact @event, EventContext context, CancellationToken cancellationToken)
        {
            services.Add(context.Services);
            return default;
        }
    }

    [Fact]
    public async Task A_handler_in_the_callers_scope_publishes_into_that_scope_again()
    {
        await using var provider = Build(bus => bus
            .Handle<Fact, Unit>(
                (_, unit, context, cancellationToken) =>
                {
                    _seen.Add(unit);
                    return context.Publisher.PublishAsync("follower", cancellationToken);
                },
                static s => s.Inline(InlineScope.Caller))
            .Handle<string, Unit>((_, unit, _, _) => See(unit), static s => s.Inline(InlineScope.Caller)));
        await using var request = provider.CreateAsyncScope();

        await PublishIn(request);

        Assert.Equal([UnitOf(request), UnitOf(request)], _seen);
    }

    [Fact]
    public async Task A_queued_delivery_is_the_caller_of_the_inline_handlers_that_it_publishes_to()
    {
        Unit? own = null;
        await using var provider = Build(bus => bus
            .Handle<Fact, IServiceProvider>(async (_, scope, _, cancellationToken) =>
            {
                own = scope.GetRequiredService<Unit>();
                await scope.GetRequiredService<IEventPublisher>().PublishAsync("follower", cancellationToken);
            })
            .Handle<string, Unit>((_, unit, _, _) => See(unit), static s => s.Inline(InlineScope.Caller)));
        await using var request = provider.CreateAsyncScope();

        await PublishIn(request);
        await provider.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Same(own, Assert.Single(_seen));
        Assert.NotSame(UnitOf(request), own);
    }

    [Fact]
    public async Task Handlers_of_a_concurrent_event_share_the_callers_scope_at_once()
    {
        var both = new HeldHandler(2);
        await using var provider = Build(bus => bus
            .AddEvent<Fact>(static e => e.InlineConcurrently())
            .Handle<Fact, Unit>(HoldAsync, static s => s.Inline(InlineScope.Caller))
            .Handle<Fact, Unit>(HoldAsync, static s => s.Inline(InlineScope.Caller)));
        await using var request = provider.CreateAsyncScope();

        var publish = PublishIn(request);
        await both.Entered;
        both.Open();
        await publish.Soon();

        Assert.Equal([UnitOf(request), UnitOf(request)], _seen);

        ValueTask HoldAsync(Fact @event, Unit unit, EventContext context, CancellationToken cancellationToken)
        {
            _seen.Add(unit);
            return both.HoldAsync();
        }
    }

    private static Task PublishIn(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Fact()).AsTask();

    private static Unit UnitOf(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<Unit>();

    private ValueTask See(Fact @event, Unit unit, EventContext context, CancellationToken cancellationToken) => See(unit);

    private ValueTask See(Unit unit)
    {
        _seen.Add(unit);
        return default;
    }

    private ServiceProvider Build(Action<EventBusBuilder> configure) => new ServiceCollection()
        .AddSingleton(_seen)
        .AddScoped<Unit>()
        .AddEventBus(configure)
        .BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

    private sealed record Fact;

    private sealed class Unit : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Keeper(Unit unit, List<Unit> seen) : IEventHandler<Fact>
    {
        public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken)
        {
            seen.Add(unit);
            return default;
        }
    }
}
