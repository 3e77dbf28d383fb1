using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>Open generic handlers: closed for which event types, and when.</summary>
public sealed class OpenHandlerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_handles_every_event_that_is_published_as_the_type_that_it_is(bool inline)
    {
        await using var provider = Build(bus => bus.AddOpenHandler(typeof(Audit<>), s => _ = inline ? s.Inline() : s));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new Placed());
        await bus.PublishAsync<object>(new PlacedAgain());
        await bus.PublishManyAsync<IOrderEvent>([new Cancelled(), new Placed()]);
        await bus.For<int>().PublishAsync(42);
        await bus.WhenSettled();

        Assert.Equal(["Cancelled", "Int32", "Placed", "Placed", "PlacedAgain"], Handled(provider).Order());
    }

    [Fact]
    public async Task It_has_a_subscription_for_each_type_that_the_bus_knows_when_it_is_built_and_for_others_with_their_first_event()
    {
        await using var provider = Build(static bus => bus
            .AddOpenHandler(typeof(Audit<>))
            .AddEvent<Cancelled>(static e => e.Named("cancelled"))
            .Handle<Placed>(static (_, _, _) => default, static s => s.Named("places"))
            .Handle<IOrderEvent>(static (_, _, _) => default, static s => s.Named("orders")));
        var bus = provider.GetRequiredService<IEventBus>();
        var known = bus.Subscriptions.Select(static subscription => subscription.Name).ToList();

        await bus.PublishAsync(new PlacedAgain());
        var later = bus.Subscriptions.Select(static subscription => subscription.Name).Except(known);

        const string audit = "EventBus.BehaviourTests.OpenHandlerTests+Audit";
        Assert.Equal(["places", "orders", $"{audit}/{typeof(Placed).FullName}", $"{audit}/cancelled"], known);
        Assert.Equal([$"{audit}/{typeof(PlacedAgain).FullName}"], later);
    }

    [Fact]
    public async Task Its_constraints_say_which_events_it_is_for()
    {
        await using var provider = Build(static bus => bus.AddOpenHandler(typeof(OrdersOnly<>)));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(new Placed());
        await bus.PublishAsync("no order");
        await bus.WhenSettled();

        Assert.Equal(["Placed"], Handled(provider));
        Assert.Single(bus.Subscriptions);
    }

    [Fact]
    public async Task A_predicate_says_so_too_and_is_asked_once_for_each_type()
    {
        var asked = new List<Type>();
        await using var provider = Build(bus => bus.AddOpenHandler(typeof(Audit<>), s => s.Where(type =>
        {
            asked.Add(type);
            return type != typeof(string);
        })));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishManyAsync<object>(["text", new Placed(), "text", new Placed()]);
        await bus.PublishAsync("text");
        await bus.WhenSettled();

        Assert.Equal(["Placed", "Placed"], Handled(provider));
        Assert.Equal([typeof(string), typeof(Placed)], asked);
    }

    [Fact]
    public async Task All_its_subscriptions_are_configured_alike_and_the_application_s_configuration_reaches_each()
    {
        await using var provider = Build(static bus => bus
            .ConfigureSubscriptions(static settings => settings.StartsPaused = settings.Name.EndsWith("String", StringComparison.Ordinal))
            .AddOpenHandler(typeof(Audit<>), static s => s.Named("audit").Capacity(1).WhenFull(QueueFullMode.Reject)));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync("first");
        var error = await Assert.ThrowsAsync<QueueFullException>(async () => await bus.PublishAsync("second"));

        Assert.Equal(["audit/System.String"], error.RefusedBy);
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();
    }

    [Theory]
    [InlineData(HandlerLifetime.Singleton, 1)]
    [InlineData(HandlerLifetime.Scoped, 2)]
    public async Task It_lives_as_it_was_told(HandlerLifetime lifetime, int made)
    {
        await using var provider = Build(bus => bus.AddOpenHandler(typeof(Audit<>), s => _ = lifetime == HandlerLifetime.Singleton ? s.AsSingleton() : s));
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishManyAsync([new Placed(), new Placed()]);
        await bus.WhenSettled();

        Assert.Equal(made, provider.GetRequiredService<Journal>().Handlers.Distinct().Count());
    }

    [Fact]
    public async Task It_has_the_bus_s_middleware_and_its_own()
    {
        await using var provider = Build(static bus => bus
            .AddEvent<Placed>(static e => e.Validate(static _ => "never"))
            .AddOpenHandler(typeof(Audit<>), static s => s.Inline()));

        await Assert.ThrowsAsync<InvalidEventException>(async () => await provider.GetRequiredService<IEventBus>().PublishAsync(new Placed()));
    }

    [Fact]
    public async Task The_first_events_of_a_type_from_many_threads_meet_one_subscription()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var provider = Build(static bus => bus.AddOpenHandler(typeof(Audit<>)));
            var bus = provider.GetRequiredService<IEventBus>();
            using var together = new Barrier(8);

            await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
            {
                together.SignalAndWait();
                await (number % 2 == 0 ? bus.PublishAsync(new Placed()) : bus.PublishAsync<object>(new Placed()));
            })));
            await bus.WhenSettled();

            Assert.Equal(8, Handled(provider).Count);
            Assert.Single(bus.Subscriptions);
        }
    }

    [Fact]
    public async Task Two_that_would_have_one_name_refuse_each_event_of_a_type_that_comes_late_and_lose_none_in_silence()
    {
        await using var provider = Build(static bus => bus.AddOpenHandler(typeof(Audit<>)).AddOpenHandler(typeof(Audit<>)));
        var bus = provider.GetRequiredService<IEventBus>();

        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<EventBusConfigurationException>(async () => await bus.PublishAsync(new Placed()));
            Assert.Contains($"Handler 'EventBus.BehaviourTests.OpenHandlerTests+Audit/{typeof(Placed).FullName}' is registered more than once", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task A_bus_that_was_stopped_and_started_goes_on_closing()
    {
        await using var provider = Build(static bus => bus.AddOpenHandler(typeof(Audit<>)));
        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishAsync(new Placed());
        await bus.StopAsync();

        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.PublishAsync("stopped"));
        await bus.StartAsync();
        await bus.PublishAsync("started");
        await bus.PublishAsync(new Cancelled());
        await bus.WhenSettled();

        Assert.Equal(["Cancelled", "Placed", "String"], Handled(provider).Order());
    }

    [Theory]
    [InlineData(typeof(Audit<string>), "which is no open generic type. Give one such as typeof(AuditEverything<>)")]
    [InlineData(typeof(IEventHandler<>), "which is no class, or an abstract one")]
    [InlineData(typeof(Dictionary<,>), "which has 2 type parameters")]
    [InlineData(typeof(OfLists<>), "which does not implement IEventHandler<TItem> of its own type parameter")]
    [InlineData(typeof(List<>), "which does not implement IEventHandler<T> of its own type parameter")]
    public void What_is_no_open_handler_is_a_mistake_that_says_why(Type type, string why)
    {
        using var provider = Build(bus => bus.AddOpenHandler(type));

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventBus>);

        Assert.Contains(why, Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void It_cannot_be_durable_and_its_settings_have_the_same_bounds_as_others()
    {
        using var provider = Build(static bus => bus.AddOpenHandler(typeof(Audit<>), static s => s.Durable()).AddOpenHandler(typeof(Audit<>), static s => s.Named("audit").Capacity(0)));
        var alone = new EventBusBuilder().AddOpenHandler(typeof(Audit<>));

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventBus>);
        var unmade = Assert.Throws<EventBusConfigurationException>(alone.Build);

        Assert.Contains("is durable, and some of its subscriptions only come with the events", error.Errors[0], StringComparison.Ordinal);
        Assert.Contains("'audit': Capacity is 0", error.Errors[1], StringComparison.Ordinal);
        Assert.Contains("is made by a container, and this bus has none", unmade.Message, StringComparison.Ordinal);
    }

    private static List<string> Handled(ServiceProvider provider) => provider.GetRequiredService<Journal>().Events;

    private static ServiceProvider Build(Action<EventBusBuilder> configure) => new ServiceCollection()
        .AddSingleton<Journal>()
        .AddEventBus(configure)
        .BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

    private interface IOrderEvent;

    private record Placed : IOrderEvent;

    private sealed record PlacedAgain : Placed;

    private sealed record Cancelled : IOrderEvent;

    private sealed class Journal
    {
        public List<string> Events { get; } = [];

        public List<object> Handlers { get; } = [];

        public ValueTask Add(object handler, Type eventType)
        {
            lock (Events)
            {
                Events.Add(eventType.Name);
                Handlers.Add(handler);
            }

            return default;
        }
    }

    private sealed class Audit<TEvent>(Journal journal) : IEventHandler<TEvent>
        where TEvent : notnull
    {
        public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken) => journal.Add(this, typeof(TEvent));
    }

    private sealed class OrdersOnly<TEvent>(Journal journal) : IEventHandler<TEvent>
        where TEvent : class, IOrderEvent
    {
        public ValueTask HandleAsync(TEvent @event, EventContext context, CancellationToken cancellationToken) => journal.Add(this, typeof(TEvent));
    }

    private sealed class OfLists<TItem> : IEventHandler<List<TItem>>
    {
        public ValueTask HandleAsync(List<TItem> @event, EventContext context, CancellationToken cancellationToken) => default;
    }
}
