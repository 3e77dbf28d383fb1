using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.UnitTests.DependencyInjection;

public sealed class BusAssemblyTests
{
    private const string Place = "EventBus.UnitTests.DependencyInjection.BusAssemblyTests";

    [Fact]
    public void A_bus_has_one_dead_letter_store() =>
        Assert.Equal(
            ["The bus was given 2 different dead-letter stores: InMemoryDeadLetterStore, InMemoryDeadLetterStore. It can have one: keep the call that you mean."],
            Mistakes.Of(static bus => bus.UseDeadLetterStore(new InMemoryDeadLetterStore()).UseDeadLetterStore(new InMemoryDeadLetterStore())));

    [Fact]
    public void A_bus_has_one_idempotency_store() =>
        Assert.Equal(
            ["The bus was given 2 different idempotency stores: InMemoryIdempotencyStore, InMemoryIdempotencyStore. It can have one: keep the call that you mean."],
            Mistakes.Of(static bus => bus.UseIdempotencyStore(new InMemoryIdempotencyStore()).UseIdempotencyStore(new InMemoryIdempotencyStore())));

    [Fact]
    public void The_same_store_may_be_given_by_several_modules()
    {
        var store = new InMemoryDeadLetterStore();

        using var bus = new EventBusBuilder().UseDeadLetterStore(store).UseDeadLetterStore(store).Build();

        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public void A_handler_class_needs_a_container() =>
        Assert.Equal(
            [$"Subscription '{Place}+Audit' takes its handler or its service from a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddHandler(handler)."],
            Mistakes.Of(static bus => bus.AddHandler<string, Audit>()));

    [Fact]
    public void A_lambda_with_a_service_needs_a_container() =>
        Assert.Equal(
            ["Subscription 'System.String-1' takes its handler or its service from a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddHandler(handler)."],
            Mistakes.Of(static bus => bus.Handle<string, Audit>(static (_, _, _, _) => default)));

    [Fact]
    public void Configuration_that_throws_is_told_with_the_other_mistakes() =>
        Assert.Equal(
            ["ConfigureSubscriptions threw for subscription 'stock': no such section", "Subscription 'stock': Capacity is 0, and must be from 1 to 16777216."],
            Mistakes.Of(static bus => bus
                .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Capacity(0))
                .ConfigureSubscriptions(static _ => throw new InvalidOperationException("no such section"))));

    [Fact]
    public void Configuration_is_checked_like_code() =>
        Assert.Equal(
            ["Subscription 'stock': Concurrency is -3, and must be from 1 to 1024."],
            Mistakes.Of(static bus => bus
                .Handle<string>(static (_, _, _) => default, static s => s.Named("stock"))
                .ConfigureSubscriptions(static settings => settings.Concurrency = -3)));

    [Fact]
    public void Configuration_wins_over_code_and_a_later_one_over_an_earlier()
    {
        using var bus = new EventBusBuilder()
            .ConfigureSubscriptions(static settings => settings.Capacity = 20)
            .Handle<string>(static (_, _, _) => default, static s => s.Capacity(10))
            .ConfigureSubscriptions(static settings => settings.Capacity += 1)
            .Build();

        Assert.StartsWith("queued, capacity 21,", Assert.Single(bus.Topology.Subscriptions).Settings, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_for_all_at_once_adds_its_mistakes_to_the_others() =>
        Assert.Equal(
            ["one", "two", "ConfigureSubscriptions threw: no such file", "Subscription 'stock': Capacity is 0, and must be from 1 to 16777216."],
            Mistakes.Of(static bus => bus
                .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Capacity(0))
                .ConfigureSubscriptions(static (_, _) => throw new EventBusConfigurationException(["one", "two"]))
                .ConfigureSubscriptions(static (_, _) => throw new InvalidOperationException("no such file"))));

    [Fact]
    public void Configuration_for_all_at_once_has_the_containers_services_and_every_subscription()
    {
        var services = new ServiceCollection().AddSingleton("17");
        List<string> seen = [];
        services.AddEventBus(bus => bus
            .Handle<string>(static (_, _, _) => default, static s => s.Named("one"))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("two"))
            .ConfigureSubscriptions((provider, subscriptions) =>
            {
                seen.Add(string.Join(' ', subscriptions.Select(static settings => settings.Name)));
                foreach (var settings in subscriptions)
                    settings.Capacity = int.Parse(provider.GetRequiredService<string>(), System.Globalization.CultureInfo.InvariantCulture);
            }));
        using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<IEventBus>();

        bus.Subscribe<string>(static (_, _, _) => default, static s => s.Named("three"));

        Assert.Equal(["one two", "three"], seen);
        Assert.All(bus.Topology.Subscriptions, static subscription => Assert.StartsWith("queued, capacity 17,", subscription.Settings, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mistake_in_a_setting_names_what_set_it() =>
        Assert.Equal(
            ["Subscription 'stock': Capacity is 0, and must be from 1 to 16777216. It is set by line 3.", "Subscription 'stock': Concurrency is 0, and must be from 1 to 1024."],
            Mistakes.Of(static bus => bus
                .Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Concurrency(0))
                .ConfigureSubscriptions(static settings =>
                {
                    settings.Capacity = 0;
                    settings.SetFrom(nameof(settings.Capacity), "line 3");
                })));

    // These buses have no container, which is a mistake of its own beside the one that is looked at: all are told at once.
    private const string NoContainer =
        "Subscription 'stock' takes its handler or its service from a container, and this bus has none. Use services.AddEventBus(...), or give an instance with AddHandler(handler).";

    [Fact]
    public void A_subscription_that_names_no_event_is_told_the_remedy() =>
        Assert.Equal(
            ["Subscription 'stock' names no event type. Add On<TEvent>() for each that 'Audit' handles.", NoContainer],
            Mistakes.Of(static bus => bus.AddSubscription<Audit>("stock", static _ => { })));

    [Fact]
    public void A_subscription_to_an_event_that_its_handler_does_not_handle_is_told_the_remedy() =>
        Assert.Equal(
            [$"Handler '{Place}+Audit' is subscribed to 'System.Version' but is no IEventHandler<Version>. Implement it, or drop On<Version>().", NoContainer],
            Mistakes.Of(static bus => bus.AddSubscription<Audit>("stock", static s => s.On<Version>())));

    [Fact]
    public void A_subscription_to_the_same_event_twice_is_told_the_remedy() =>
        Assert.Equal(
            [$"Handler '{Place}+Audit' is subscribed to 'System.String' twice in one subscription. Drop one On<String>().", NoContainer],
            Mistakes.Of(static bus => bus.AddSubscription<Audit>("stock", static s => s.On<string>().On<string>())));

    [Fact]
    public void A_subscription_added_while_the_bus_runs_is_checked_alike()
    {
        using var bus = new EventBusBuilder().Handle<string>(static (_, _, _) => default, static s => s.Named("stock")).Build();

        var error = Assert.Throws<EventBusConfigurationException>(() => bus.Subscribe<string>(static (_, _, _) => default, static s => s.Named("mail").Capacity(0)));

        Assert.Equal(["Subscription 'mail': Capacity is 0, and must be from 1 to 16777216."], error.Errors);
        Assert.Single(bus.Subscriptions);
    }

    [Fact]
    public void A_name_that_the_bus_already_has_is_refused_while_it_runs_too()
    {
        using var bus = new EventBusBuilder().Handle<string>(static (_, _, _) => default, static s => s.Named("stock")).Build();

        Assert.ThrowsAny<Exception>(() => bus.Subscribe<string>(static (_, _, _) => default, static s => s.Named("stock")));
        Assert.Single(bus.Subscriptions);
    }

    [Fact]
    public void A_builder_of_a_container_is_built_by_the_container()
    {
        EventBusBuilder? builder = null;
        new ServiceCollection().AddEventBus(bus => builder = bus);

        var error = Assert.Throws<InvalidOperationException>(() => builder!.Build());

        Assert.Equal("This builder belongs to a service collection. Resolve IEventBus from the container instead of calling Build().", error.Message);
    }

    [Fact]
    public void Modules_add_to_the_same_bus()
    {
        using var services = new ServiceCollection()
            .AddEventBus(static bus => bus.Handle<string>(static (_, _, _) => default, static s => s.Named("a")))
            .AddEventBus(static bus => bus.Handle<string>(static (_, _, _) => default, static s => s.Named("b")))
            .BuildServiceProvider();

        Assert.Equal(["a", "b"], services.GetRequiredService<IEventBus>().Subscriptions.Select(static subscription => subscription.Name));
        Assert.Single(services.GetServices<IEventBus>());
    }

    [Fact]
    public void A_lifetime_that_the_application_chose_stays()
    {
        var services = new ServiceCollection().AddSingleton<Audit>().AddEventBus(static bus => bus.AddHandler<string, Audit>(static s => s.AsTransient()));

        Assert.Equal(ServiceLifetime.Singleton, Assert.Single(services, static descriptor => descriptor.ServiceType == typeof(Audit)).Lifetime);
    }

    [Fact]
    public void A_handler_is_registered_with_the_lifetime_asked_for()
    {
        Assert.Equal(ServiceLifetime.Scoped, LifetimeOf(static _ => { }));
        Assert.Equal(ServiceLifetime.Scoped, LifetimeOf(static s => s.AsScoped()));
        Assert.Equal(ServiceLifetime.Transient, LifetimeOf(static s => s.AsTransient()));
        Assert.Equal(ServiceLifetime.Singleton, LifetimeOf(static s => s.AsSingleton()));
    }

    private static ServiceLifetime LifetimeOf(Action<SubscriptionBuilder<string>> configure) =>
        new ServiceCollection().AddEventBus(bus => bus.AddHandler<string, Audit>(configure)).Single(static descriptor => descriptor.ServiceType == typeof(Audit)).Lifetime;

    private sealed class Audit : IEventHandler<string>
    {
        public ValueTask HandleAsync(string @event, EventContext context, CancellationToken cancellationToken) => default;
    }
}
