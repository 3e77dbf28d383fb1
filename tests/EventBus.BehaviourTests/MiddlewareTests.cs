using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>What stands around every attempt: in which order, for which events, and made by whom.</summary>
public sealed class MiddlewareTests
{
    private static readonly string[] s_onion = ["bus", "event", "subscription", "handler", "subscription", "event", "bus"];

    private readonly List<string> _calls = [];

    [Theory]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task The_bus_s_is_outermost_then_the_event_type_s_then_the_subscription_s_in_every_mode(DeliveryMode mode)
    {
        await using var bus = new EventBusBuilder().In(mode)
            .Handle<Placed>((_, _, _) => Call("handler"), s => As(s, mode).AddMiddleware(new Noting("subscription", _calls)))
            .AddEvent<Placed>(e => e.AddMiddleware(new Noting("event", _calls)))
            .AddMiddleware(new Noting("bus", _calls))
            .Build();

        await PublishAsync(bus, new Placed("1"));

        Assert.Equal(s_onion, _calls);
    }

    [Fact]
    public async Task Those_of_one_level_are_nested_in_the_order_of_registration()
    {
        await using var bus = new EventBusBuilder()
            .AddMiddleware(new Noting("first", _calls))
            .AddMiddleware(new Noting("second", _calls))
            .Handle<Placed>((_, _, _) => Call("handler"))
            .Build();

        await PublishAsync(bus, new Placed("1"));

        Assert.Equal(["first", "second", "handler", "second", "first"], _calls);
    }

    [Theory]
    [InlineData(DeliveryMode.Inline)]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task It_runs_once_for_each_attempt_and_its_context_tells_which(DeliveryMode mode)
    {
        await using var bus = new EventBusBuilder().In(mode)
            .Handle<Placed>(
                static (_, context, _) => context.Attempt < 3 ? throw new InvalidOperationException() : default,
                s => As(s, mode).Retry(RetryPolicy.Immediate(3)).AddMiddleware((@event, context, next, token) =>
                {
                    _calls.Add($"{@event.Number}/{context.Attempt}");
                    return next.HandleAsync(@event, context, token);
                }))
            .Build();

        await PublishAsync(bus, new Placed("1"));

        Assert.Equal(["1/1", "1/2", "1/3"], _calls);
    }

    [Fact]
    public async Task What_it_throws_is_a_failed_attempt_and_the_handler_is_not_called()
    {
        await using var bus = new EventBusBuilder()
            .Handle<Placed>((_, _, _) => Call("handler"), s => s.Retry(RetryPolicy.Immediate(2)).AddMiddleware(static (_, _, _, _) => throw new InvalidOperationException("not now")))
            .Build();

        await PublishAsync(bus, new Placed("1"));

        Assert.Empty(_calls);
        var letter = Assert.Single(await bus.DeadLetters.ListAsync(new DeadLetterQuery()));
        Assert.Equal(("not now", 2), (letter.Description, letter.Attempts));
    }

    [Fact]
    public async Task One_that_does_not_go_on_settles_the_delivery_as_handled()
    {
        await using var bus = new EventBusBuilder()
            .Handle<Placed>((_, _, _) => Call("handler"), static s => s.AddMiddleware(static (_, _, _, _) => default))
            .Build();

        await PublishAsync(bus, new Placed("1"));

        Assert.Empty(_calls);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task It_may_go_on_with_another_event_and_another_token()
    {
        using var own = new CancellationTokenSource();
        CancellationToken seen = default;
        await using var bus = new EventBusBuilder()
            .Handle<Placed>(
                (placed, _, token) =>
                {
                    seen = token;
                    return Call(placed.Number);
                },
                s => s.AddMiddleware((placed, context, next, _) => next.HandleAsync(placed with { Number = "changed" }, context, own.Token)))
            .Build();

        await PublishAsync(bus, new Placed("1"));

        Assert.Equal(["changed"], _calls);
        Assert.Equal(own.Token, seen);
    }

    [Fact]
    public async Task Filtered_events_and_duplicates_do_not_reach_it()
    {
        await using var bus = new EventBusBuilder()
            .AddMiddleware(new Noting("bus", _calls))
            .Handle<Placed>((placed, _, _) => Call(placed.Number), static s => s.Idempotent(static placed => placed.Number).Where(static placed => placed.Number != "unwanted"))
            .Build();

        await PublishAsync(bus, new Placed("1"));
        await PublishAsync(bus, new Placed("1"));
        await PublishAsync(bus, new Placed("unwanted"));

        Assert.Equal(["bus", "1", "bus"], _calls);
    }

    [Fact]
    public async Task That_of_a_base_type_is_around_the_events_derived_from_it()
    {
        await using var bus = new EventBusBuilder()
            .AddEvent<IOrderEvent>(e => e.AddMiddleware((order, context, next, token) =>
            {
                _calls.Add($"lambda {order.Number}");
                return next.HandleAsync(order, context, token);
            }).AddMiddleware(new Noting("class", _calls)))
            .Handle<Placed>((placed, _, _) => Call(placed.Number))
            .Handle<string>((text, _, _) => Call(text))
            .Build();

        await PublishAsync(bus, new Placed("1"));
        await PublishAsync(bus, "no order");

        Assert.Equal(["lambda 1", "class", "1", "class", "no order"], _calls);
    }

    [Fact]
    public async Task That_of_an_event_type_is_around_these_events_alone_in_a_subscription_to_their_base_type()
    {
        await using var bus = new EventBusBuilder()
            .AddEvent<Placed>(e => e.AddMiddleware((placed, context, next, token) =>
            {
                _calls.Add($"lambda {placed.Number}");
                return next.HandleAsync(placed, context, token);
            }).AddMiddleware(new Noting("class", _calls)))
            .Handle<IOrderEvent>((order, _, _) => Call(order.Number), static s => s.Inline())
            .Build();

        await bus.PublishAsync(new Placed("1"));
        await bus.PublishAsync(new Cancelled("2"));

        Assert.Equal(["lambda 1", "class", "1", "class", "2"], _calls);
    }

    [Fact]
    public async Task An_event_of_another_type_cannot_be_passed_on()
    {
        await using var bus = new EventBusBuilder()
            .AddEvent<IOrderEvent>(static e => e.AddMiddleware(static (order, context, next, token) => next.HandleAsync(new Cancelled(order.Number), context, token)))
            .Handle<Placed>((placed, _, _) => Call(placed.Number), static s => s.Inline().Named("places"))
            .Build();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync(new Placed("1")));

        Assert.Contains("'places' takes", error.Message, StringComparison.Ordinal);
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task A_subscription_of_several_event_types_has_it_around_each()
    {
        await using var provider = Build(bus => bus
            .AddEvent<Cancelled>(e => e.AddMiddleware(new Noting("cancelled", _calls)))
            .AddSubscription<BothHandler>("both", s => s.On<Placed>().On<Cancelled>().AddMiddleware(new Noting("both", _calls))));
        var bus = provider.GetRequiredService<IEventBus>();

        await PublishAsync(bus, new Placed("1"));
        await PublishAsync(bus, new Cancelled("2"));

        Assert.Equal(["both", "1", "both", "cancelled", "both", "2", "both", "cancelled"], _calls);
    }

    [Fact]
    public async Task A_subscription_that_comes_while_the_bus_runs_has_the_bus_s_too()
    {
        await using var bus = new EventBusBuilder().AddMiddleware(new Noting("bus", _calls)).Build();
        await bus.StartAsync();
        await using var subscription = bus.Subscribe<Placed>((_, _, _) => Call("handler"));

        await PublishAsync(bus, new Placed("1"));

        Assert.Equal(["bus", "handler", "bus"], _calls);
    }

    [Theory]
    [InlineData(HandlerLifetime.Scoped)]
    [InlineData(HandlerLifetime.Transient)]
    public async Task A_class_is_made_for_each_delivery_in_the_handler_s_own_scope(HandlerLifetime lifetime)
    {
        var units = new List<Unit>();
        await using var provider = Build(bus => bus
            .AddMiddleware<WithUnit>(lifetime)
            .Handle<Placed, Unit>((_, unit, _, _) =>
            {
                units.Add(unit);
                return default;
            }));

        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("1"));
        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("2"));

        var journal = provider.GetRequiredService<Journal>();
        Assert.Equal(units, journal.Units);
        Assert.Equal(2, journal.Makers.Distinct().Count());
    }

    [Fact]
    public async Task A_class_that_is_no_singleton_gives_a_lambda_and_a_singleton_a_scope()
    {
        await using var provider = Build(static bus => bus
            .AddMiddleware<WithUnit>()
            .Handle<Placed>(static (_, context, _) => Note(context), static s => s.Inline())
            .AddHandler<Placed, BothHandler>(static s => s.AsSingleton().Inline()));

        await provider.GetRequiredService<IEventBus>().PublishAsync(new Placed("1"));

        var journal = provider.GetRequiredService<Journal>();
        Assert.Equal(2, journal.Units.Distinct().Count());
        Assert.Contains(journal.Units[0], journal.Found);
        Assert.Equal(["1"], _calls);

        static ValueTask Note(EventContext context)
        {
            context.Services.GetRequiredService<Journal>().Found.Add(context.Services.GetRequiredService<Unit>());
            return default;
        }
    }

    [Fact]
    public async Task A_singleton_is_made_once()
    {
        await using var provider = Build(static bus => bus.AddMiddleware<Single>(HandlerLifetime.Singleton).Handle<Placed>(static (_, _, _) => default));

        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("1"));
        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("2"));

        Assert.Single(provider.GetRequiredService<Journal>().Makers.Distinct());
    }

    [Fact]
    public async Task A_class_that_the_application_registered_lives_as_the_application_said()
    {
        await using var provider = new ServiceCollection()
            .AddSingleton<Journal>()
            .AddSingleton<Single>()
            .AddEventBus(static bus => bus.AddMiddleware<Single>().Handle<Placed>(static (_, _, _) => default))
            .BuildServiceProvider(validateScopes: true);

        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("1"));
        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("2"));

        Assert.Single(provider.GetRequiredService<Journal>().Makers.Distinct());
    }

    [Fact]
    public async Task A_constructor_that_throws_is_a_failed_attempt_and_is_tried_again()
    {
        await using var provider = Build(bus => bus
            .AddMiddleware<Reluctant>(HandlerLifetime.Singleton)
            .Handle<Placed>((placed, _, _) => Call(placed.Number), static s => s.Retry(RetryPolicy.Immediate(2))));

        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("1"));

        Assert.Equal(["1"], _calls);
    }

    [Fact]
    public async Task A_lambda_may_take_a_service_of_the_delivery_s_scope()
    {
        await using var provider = Build(static bus => bus.Handle<Placed>(
            static (_, _, _) => default,
            static s => s.AddMiddleware<Journal>(static (placed, journal, context, next, token) =>
            {
                journal.Units.Add(context.Services.GetRequiredService<Unit>());
                return next.HandleAsync(placed, context, token);
            })));

        await PublishAsync(provider.GetRequiredService<IEventBus>(), new Placed("1"));

        Assert.Single(provider.GetRequiredService<Journal>().Units);
    }

    [Fact]
    public async Task It_shares_the_publisher_s_scope_where_the_handler_does()
    {
        await using var provider = Build(static bus => bus.AddMiddleware<WithUnit>().AddHandler<Placed, BothHandler>(static s => s.Inline(InlineScope.Caller)));
        await using var scope = provider.CreateAsyncScope();

        await scope.ServiceProvider.GetRequiredService<IEventPublisher>().PublishAsync(new Placed("1"));

        Assert.Equal([scope.ServiceProvider.GetRequiredService<Unit>()], provider.GetRequiredService<Journal>().Units);
    }

    [Fact]
    public void A_class_without_a_container_is_a_mistake_that_says_what_to_do()
    {
        var builder = new EventBusBuilder()
            .AddMiddleware<Single>()
            .Handle<Placed>(static (_, _, _) => default, static s => s.Named("places").AddMiddleware<Journal>(static (_, _, _, _, _) => default));

        var error = Assert.Throws<EventBusConfigurationException>(() => builder.Build());

        Assert.Contains(error.Errors, static text => text.StartsWith($"A middleware takes '{typeof(Single).FullName}' from a container, and this bus has none.", StringComparison.Ordinal));
        Assert.Contains(error.Errors, static text => text.StartsWith($"A middleware of subscription 'places' takes '{typeof(Journal).FullName}'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_class_that_nobody_registered_is_a_mistake_of_the_subscription_that_comes_with_it()
    {
        await using var provider = Build(static _ => { });

        var error = Assert.Throws<EventBusConfigurationException>(() =>
            provider.GetRequiredService<IEventBus>().Subscribe<Placed>(static (_, _, _) => default, static s => s.AddMiddleware<Single>()));

        Assert.Contains("which does not know it. Register it where the container is built", error.Message, StringComparison.Ordinal);
    }

    private static SubscriptionBuilder<Placed> As(SubscriptionBuilder<Placed> subscription, DeliveryMode mode) =>
        mode == DeliveryMode.Inline ? subscription.Inline() : subscription.In(mode);

    private static async Task PublishAsync<T>(IEventBus bus, T @event)
        where T : notnull
    {
        await bus.PublishAsync(@event);
        await bus.WhenSettled();
    }

    private ServiceProvider Build(Action<EventBusBuilder> configure) => new ServiceCollection()
        .AddSingleton(_calls)
        .AddSingleton<Journal>()
        .AddScoped<Unit>()
        .AddEventBus(configure)
        .BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

    private ValueTask Call(string text)
    {
        _calls.Add(text);
        return default;
    }

    private interface IOrderEvent
    {
        string Number { get; }
    }

    private sealed record Placed(string Number) : IOrderEvent;

    private sealed record Cancelled(string Number) : IOrderEvent;

    private sealed class Unit;

    private sealed class Journal
    {
        public List<Unit> Units { get; } = [];

        public List<Unit> Found { get; } = [];

        public List<object> Makers { get; } = [];

        public bool WasMade { get; set; }
    }

    private sealed class BothHandler(List<string> calls) : IEventHandler<Placed>, IEventHandler<Cancelled>
    {
        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken)
        {
            calls.Add(@event.Number);
            return default;
        }

        public ValueTask HandleAsync(Cancelled @event, EventContext context, CancellationToken cancellationToken)
        {
            calls.Add(@event.Number);
            return default;
        }
    }

    private sealed class Noting(string name, List<string> calls) : IEventMiddleware
    {
        public async ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull
        {
            calls.Add(name);
            await Task.Yield();
            await next.HandleAsync(@event, context, cancellationToken);
            calls.Add(name);
        }
    }

    private sealed class WithUnit(Unit unit, Journal journal) : IEventMiddleware
    {
        public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull
        {
            journal.Units.Add(unit);
            journal.Makers.Add(this);
            return next.HandleAsync(@event, context, cancellationToken);
        }
    }

    private sealed class Single(Journal journal) : IEventMiddleware
    {
        public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull
        {
            journal.Makers.Add(this);
            return next.HandleAsync(@event, context, cancellationToken);
        }
    }

    private sealed class Reluctant : IEventMiddleware
    {
        public Reluctant(Journal journal)
        {
            if (journal.WasMade)
                return;
            journal.WasMade = true;
            throw new InvalidOperationException("not yet");
        }

        public ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull => next.HandleAsync(@event, context, cancellationToken);
    }
}
