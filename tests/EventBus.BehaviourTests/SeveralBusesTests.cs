using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.BehaviourTests;

/// <summary>Several buses in one container, each with a key.</summary>
public sealed class SeveralBusesTests
{
    private readonly List<(string Bus, EventMetadata Event)> _handled = [];

    [Fact]
    public async Task Each_key_has_a_bus_and_a_publisher_of_its_own()
    {
        await using var provider = Build();

        await Publisher(provider, "orders").PublishAsync("to orders");
        await Bus(provider, "billing").PublishAsync("to billing");
        await WhenSettled(provider);

        // Two buses are in nobody's order.
        Assert.Equal(["billing", "orders"], _handled.Select(static handled => handled.Bus).Order());
        Assert.NotSame(Bus(provider, "orders"), Bus(provider, "billing"));
        Assert.Same(Bus(provider, "orders"), Bus(provider, "orders"));
    }

    [Fact]
    public async Task Modules_add_to_the_bus_of_a_key_as_to_the_one_without()
    {
        var services = Services();
        services.AddEventBus("orders", bus => Listen(bus, "orders again"));
        await using var provider = services.BuildServiceProvider();

        await Publisher(provider, "orders").PublishAsync("fact");
        await WhenSettled(provider);

        Assert.Equal(["orders", "orders again"], _handled.Select(static handled => handled.Bus).Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_handler_publishes_on_another_bus_has_its_event_as_the_cause(bool isLate)
    {
        var services = Services();
        services.AddEventBus("orders", bus => bus.Handle<int, IServiceProvider>(async (_, scope, _, cancellationToken) =>
        {
            var early = Publisher(scope, "billing");
            await Task.Yield();
            await (isLate ? Publisher(scope, "billing") : early).PublishAsync("follows", cancellationToken);
        }));
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        await Bus(provider, "orders").PublishAsync(1, new PublishOptions { Id = "cause", CorrelationId = "visit" });
        await WhenSettled(provider);

        var (bus, follower) = Assert.Single(_handled);
        Assert.Equal(("billing", "cause", "visit"), (bus, follower.CausationId, follower.CorrelationId));
    }

    [Fact]
    public async Task A_handler_that_has_the_publisher_injected_carries_the_cause_from_bus_to_bus_and_back()
    {
        var services = Services();
        services.AddEventBus("orders", static bus => bus.AddHandler<int, ToBilling>());
        services.AddEventBus("billing", static bus => bus.AddHandler<int, ToOrders>());
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        await Bus(provider, "orders").PublishAsync(1, new PublishOptions { Id = "cause", CorrelationId = "visit" });
        await Bus(provider, "orders").WhenSettled();
        await Bus(provider, "billing").WhenSettled();
        await WhenSettled(provider);

        var (bus, follower) = Assert.Single(_handled);
        Assert.Equal(("orders", "visit"), (bus, follower.CorrelationId));
        Assert.NotEqual("cause", follower.CausationId);
        Assert.NotNull(follower.CausationId);
    }

    [Fact]
    public async Task The_bus_without_a_key_is_another_one_and_shares_causes_too()
    {
        var services = Services();
        services.AddEventBus(static bus => bus.Handle<int, IServiceProvider>(static (_, scope, _, cancellationToken) => Publisher(scope, "orders").PublishAsync("follows", cancellationToken)));
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var bus = provider.GetRequiredService<IEventBus>();

        await bus.PublishAsync(1, new PublishOptions { Id = "cause" });
        await bus.WhenSettled();
        await WhenSettled(provider);

        Assert.Equal(("orders", "cause"), (Assert.Single(_handled).Bus, _handled[0].Event.CausationId));
    }

    [Fact]
    public async Task A_stopping_bus_takes_nothing_from_handlers_of_another()
    {
        var stopped = new HeldHandler();
        var busy = new HeldHandler();
        Exception? refusal = null;
        var services = Services();
        services.AddEventBus("orders", bus => bus.Handle<int, IServiceProvider>(async (_, scope, _, cancellationToken) =>
        {
            await stopped.HoldAsync();
            refusal = await Record.ExceptionAsync(async () => await Publisher(scope, "billing").PublishAsync("late", cancellationToken));
        }));
        services.AddEventBus("billing", bus => bus.Handle<int>((_, _, _) => busy.HoldAsync()));
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        await Bus(provider, "orders").PublishAsync(1);
        await Bus(provider, "billing").PublishAsync(1);
        await stopped.Entered;
        await busy.Entered;

        var stop = Bus(provider, "billing").StopAsync().AsTask();
        stopped.Open();
        await Bus(provider, "orders").WhenSettled();
        busy.Open();
        await stop.Soon();

        Assert.IsType<EventBusStoppedException>(refusal);
        Assert.Empty(_handled);
    }

    [Theory]
    [InlineData(typeof(IEventBus))]
    [InlineData(typeof(IEventPublisher))]
    public void Asking_for_one_without_a_key_where_there_is_none_says_which_keys_there_are(Type service)
    {
        using var provider = Services().BuildServiceProvider();

        var error = Assert.Throws<EventBusConfigurationException>(() => provider.GetRequiredService(service));

        Assert.StartsWith("""There is no event bus without a key, but with the keys "orders", "billing". Ask for that: [FromKeyedServices("orders")]""", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(IEventBus))]
    [InlineData(typeof(IEventPublisher))]
    public void Asking_for_one_with_a_wrong_key_says_which_keys_there_are(Type service)
    {
        using var provider = Services().BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

        var error = Assert.Throws<EventBusConfigurationException>(() => provider.GetRequiredKeyedService(service, "order"));

        Assert.Equal(
            """There is no event bus with the key "order", but with the keys "orders", "billing". Ask for that: [FromKeyedServices("orders")] IEventPublisher, GetRequiredKeyedService<IEventPublisher>("orders"), AddEventBusHosting("orders") or AddHealthChecks().AddKeyedEventBus("orders"). Or add one with this key, with services.AddEventBus("order", ...).""",
            Assert.Single(error.Errors));
    }

    [Fact]
    public void A_class_that_takes_one_with_a_wrong_key_is_told_the_same()
    {
        using var provider = Services().AddSingleton<Misled>().BuildServiceProvider();

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<Misled>);

        Assert.Contains("""with the keys "orders", "billing".""", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_one_with_a_key_where_there_is_only_one_without_says_so()
    {
        using var provider = new ServiceCollection().AddEventBus().BuildServiceProvider();

        var error = Assert.Throws<EventBusConfigurationException>(() => provider.GetRequiredKeyedService<IEventPublisher>("orders"));

        Assert.StartsWith("""There is no event bus with the key "orders", but one without a key. Ask for that: IEventPublisher without [FromKeyedServices]""", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_of_a_key_are_those_that_were_added()
    {
        using var provider = Services().BuildServiceProvider();

        Assert.Single(provider.GetKeyedServices<IEventBus>("orders"));
        Assert.Single(provider.GetKeyedServices<IEventPublisher>("billing"));
    }

    [Fact]
    public async Task One_that_the_application_registers_itself_is_found()
    {
        var services = Services();
        services.AddKeyedSingleton<IEventBus>("own", static (provider, _) => provider.GetRequiredKeyedService<IEventBus>("orders"));
        await using var provider = services.BuildServiceProvider();

        Assert.Same(Bus(provider, "orders"), Bus(provider, "own"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bus_without_a_key_may_come_before_or_after_those_with_one(bool first)
    {
        var services = first ? new ServiceCollection().AddEventBus() : Services();
        services.AddEventBus(bus => Listen(bus, "plain"));
        if (first)
            services.AddEventBus("orders", bus => Listen(bus, "orders"));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

        await provider.GetRequiredService<IEventPublisher>().PublishAsync("fact");
        await provider.GetRequiredService<IEventBus>().WhenSettled();

        Assert.Equal("plain", Assert.Single(_handled).Bus);
        Assert.Single(provider.GetServices<IEventBus>());
        Assert.Single(provider.GetServices<IEventPublisher>());
    }

    private sealed class Misled([FromKeyedServices("order")] IEventPublisher publisher)
    {
        public IEventPublisher Publisher => publisher;
    }

    private static IEventBus Bus(IServiceProvider services, string key) => services.GetRequiredKeyedService<IEventBus>(key);

    private static IEventPublisher Publisher(IServiceProvider services, string key) => services.GetRequiredKeyedService<IEventPublisher>(key);

    private static async Task WhenSettled(IServiceProvider provider)
    {
        await Bus(provider, "orders").WhenSettled();
        await Bus(provider, "billing").WhenSettled();
    }

    private ServiceProvider Build() => Services().BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

    private IServiceCollection Services() => new ServiceCollection()
        .AddEventBus("orders", bus => Listen(bus, "orders"))
        .AddEventBus("billing", bus => Listen(bus, "billing"));

    private void Listen(EventBusBuilder bus, string name) => bus.Handle<string>((_, context, _) =>
    {
        lock (_handled)
            _handled.Add((name, context.Capture()));
        return default;
    });

    private sealed class ToBilling([FromKeyedServices("billing")] IEventPublisher billing) : IEventHandler<int>
    {
        public ValueTask HandleAsync(int @event, EventContext context, CancellationToken cancellationToken) => billing.PublishAsync(@event, cancellationToken);
    }

    private sealed class ToOrders([FromKeyedServices("orders")] IEventPublisher orders) : IEventHandler<int>
    {
        public ValueTask HandleAsync(int @event, EventContext context, CancellationToken cancellationToken) => orders.PublishAsync("back again", cancellationToken);
    }
}
