using Autofac;
using Autofac.Extensions.DependencyInjection;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>What the bus asks of a container: lifetimes, scopes, and whose publisher is whose. The same of every container.</summary>
public abstract class ContainerTests
{
    private readonly Journal _journal = new();

    [Theory]
    [InlineData(HandlerLifetime.Scoped, 2)]
    [InlineData(HandlerLifetime.Transient, 2)]
    [InlineData(HandlerLifetime.Singleton, 1)]
    public async Task A_handler_is_made_for_each_delivery_or_once_as_its_lifetime_says(HandlerLifetime lifetime, int made)
    {
        await using var container = Build(bus => bus.AddHandler<Placed, Recorder>(s => _ = lifetime switch
        {
            HandlerLifetime.Singleton => s.AsSingleton(),
            HandlerLifetime.Transient => s.AsTransient(),
            _ => s.AsScoped(),
        }));

        await PublishAsync(container);
        await PublishAsync(container);

        Assert.Equal(made, _journal.Handlers.Distinct().Count());
    }

    [Fact]
    public async Task A_handler_and_its_context_share_a_scope_that_is_gone_after_the_delivery()
    {
        await using var container = Build(bus => bus.Handle<Placed, Unit>((_, unit, context, _) =>
        {
            _journal.Units.Add(unit);
            _journal.Units.Add(context.Services.GetRequiredService<Unit>());
            return default;
        }));

        await PublishAsync(container);
        await PublishAsync(container);

        Assert.Same(_journal.Units[0], _journal.Units[1]);
        Assert.NotSame(_journal.Units[0], _journal.Units[2]);
        Assert.All(_journal.Units, static unit => Assert.True(unit.IsDisposed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publisher_of_the_handler_s_scope_names_the_event_that_is_handled_also_after_an_await(bool inline)
    {
        await using var container = Build(bus => bus.AddHandler<Placed, Relay>(s => _ = inline ? s.Inline() : s));

        await PublishAsync(container);

        Assert.Equal(["injected", "after", "late"], _journal.Followers.Select(static follower => follower.Name));
        Assert.All(_journal.Followers, static follower => Assert.Equal(("cause", "visit"), (follower.Event.CausationId, follower.Event.CorrelationId)));
    }

    [Fact]
    public async Task Publishers_of_a_request_and_of_a_singleton_name_none()
    {
        await using var container = Build(static _ => { });
        var services = container.Services;

        await services.GetRequiredService<Keeper>().Publisher.PublishAsync(new Followed("singleton"));
        await using (var request = services.CreateAsyncScope())
            await request.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Followed("request"));
        await services.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Equal(["singleton", "request"], _journal.Followers.Select(static follower => follower.Name));
        Assert.All(_journal.Followers, static follower => Assert.Null(follower.Event.CausationId));
    }

    [Fact]
    public async Task A_publisher_of_a_scope_that_the_handler_opened_itself_names_none()
    {
        await using var container = Build(static bus => bus.Handle<Placed, IServiceScopeFactory>(static async (_, scopes, _, cancellationToken) =>
        {
            await using var nested = scopes.CreateAsyncScope();
            await nested.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Followed("nested"), cancellationToken);
        }));

        await PublishAsync(container);

        Assert.Null(Assert.Single(_journal.Followers).Event.CausationId);
    }

    [Fact]
    public async Task An_inline_handler_may_share_its_publisher_s_scope()
    {
        await using var container = Build(bus => bus.Handle<Placed, Unit>(
            (_, unit, _, _) =>
            {
                _journal.Units.Add(unit);
                return default;
            },
            static s => s.Inline(InlineScope.Caller)));
        await using var request = container.Services.CreateAsyncScope();

        await request.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Placed());

        Assert.Same(request.ServiceProvider.GetRequiredService<Unit>(), Assert.Single(_journal.Units));
    }

    [Fact]
    public async Task Middleware_and_enrichers_are_of_the_scopes_that_they_belong_to()
    {
        await using var container = Build(bus => bus
            .AddMiddleware<UnitMiddleware>()
            .AddEvent<Placed>(e => e.Enrich((_, attributes, _) =>
            {
                _journal.Units.Add(attributes.Services!.GetRequiredService<Unit>());
                return default;
            }))
            .AddHandler<Placed, Recorder>());
        await using var request = container.Services.CreateAsyncScope();

        await request.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Placed());
        await container.Services.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Same(request.ServiceProvider.GetRequiredService<Unit>(), _journal.Units[0]);
        Assert.Same(Assert.Single(_journal.Handlers), _journal.Recorders[0]);
        Assert.NotSame(_journal.Units[0], _journal.Units[1]);
    }

    [Fact]
    public async Task Buses_with_keys_carry_a_cause_from_one_to_the_other()
    {
        await using var container = Build(
            static _ => { },
            services => services
                .AddEventBus("orders", static bus => bus.AddHandler<Placed, ToBilling>())
                .AddEventBus("billing", bus => bus.Handle<Followed>(Note)));
        var orders = container.Services.GetRequiredKeyedService<IEventBus>("orders");

        await orders.PublishAsync(new Placed(), new PublishOptions { Id = "cause", CorrelationId = "visit" });
        await orders.WhenSettled();
        await container.Services.GetRequiredKeyedService<IEventBus>("billing").WhenSettled();

        var follower = Assert.Single(_journal.Followers);
        Assert.Equal(("billing", "cause", "visit"), (follower.Name, follower.Event.CausationId, follower.Event.CorrelationId));
    }

    [Fact]
    public async Task An_open_handler_is_closed_and_made_by_it()
    {
        await using var container = Build(static bus => bus.AddOpenHandler(typeof(Everything<>)));

        await PublishAsync(container);

        Assert.Equal(typeof(Everything<Placed>), Assert.Single(_journal.Handlers).GetType());
    }

    /// <summary>A container of these registrations, which checks what it can.</summary>
    protected abstract IServiceProvider Build(IServiceCollection services);

    private static async Task PublishAsync(Container container)
    {
        var bus = container.Services.GetRequiredService<IEventBus>();
        await bus.PublishAsync(new Placed(), new PublishOptions { Id = "cause", CorrelationId = "visit" });
        await bus.WhenSettled();
    }

    private Container Build(Action<EventBusBuilder> configure, Action<IServiceCollection>? register = null)
    {
        var services = new ServiceCollection().AddSingleton(_journal).AddSingleton<Keeper>().AddScoped<Unit>().AddEventBus(bus => bus.Handle<Followed>(Note)).AddEventBus(configure);
        register?.Invoke(services);
        return new(Build(services));
    }

    private ValueTask Note(Followed followed, EventContext context, CancellationToken cancellationToken)
    {
        _journal.Followers.Add((followed.Name, context.Capture()));
        return default;
    }

    /// <summary>The one that comes with .NET.</summary>
    public sealed class Microsoft : ContainerTests
    {
        protected override IServiceProvider Build(IServiceCollection services) => services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
    }

    /// <summary>One that makes another provider each time that a scope is asked for its services.</summary>
    public sealed class OfAutofac : ContainerTests
    {
        protected override IServiceProvider Build(IServiceCollection services)
        {
            var builder = new ContainerBuilder();
            builder.Populate(services);
            return new AutofacServiceProvider(builder.Build());
        }
    }

    private sealed class Container(IServiceProvider services) : IAsyncDisposable
    {
        public IServiceProvider Services => services;

        public ValueTask DisposeAsync() => ((IAsyncDisposable)services).DisposeAsync();
    }

    private sealed record Placed;

    private sealed record Followed(string Name);

    private sealed class Journal
    {
        public List<object> Handlers { get; } = [];

        public List<object> Recorders { get; } = [];

        public List<Unit> Units { get; } = [];

        public List<(string Name, EventMetadata Event)> Followers { get; } = [];
    }

    private sealed class Unit : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Recorder(Journal journal) : IEventHandler<Placed>
    {
        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            journal.Handlers.Add(this);
            return default;
        }
    }

    private sealed class Everything<TEvent>(Journal journal) : IEventHandler<TEvent>
        where TEvent : notnull
    {
        public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken)
        {
            journal.Handlers.Add(this);
            return default;
        }
    }

    private sealed class Relay(IEventPublisher publisher) : IEventHandler<Placed>
    {
        public async ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            await publisher.PublishAsync(new Followed("injected"), cancellationToken);
            await Task.Yield();
            await publisher.PublishAsync(new Followed("after"), cancellationToken);
            await context.Services.GetRequiredService<IEventPublisher>().PublishAsync(new Followed("late"), cancellationToken);
        }
    }

    private sealed class ToBilling([FromKeyedServices("billing")] IEventPublisher billing) : IEventHandler<Placed>
    {
        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken) => billing.PublishAsync(new Followed("billing"), cancellationToken);
    }

    private sealed class Keeper(IEventPublisher publisher)
    {
        public IEventPublisher Publisher => publisher;
    }

    private sealed class UnitMiddleware(Unit unit, Recorder recorder, Journal journal) : IEventMiddleware
    {
        public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull
        {
            journal.Units.Add(unit);
            journal.Recorders.Add(recorder);
            return next.HandleAsync(@event, context, cancellationToken);
        }
    }
}
