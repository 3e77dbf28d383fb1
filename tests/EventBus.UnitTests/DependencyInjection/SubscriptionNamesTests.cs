using Microsoft.Extensions.DependencyInjection;

namespace EventBus.UnitTests.DependencyInjection;

public sealed class SubscriptionNamesTests
{
    private const string Place = "EventBus.UnitTests.DependencyInjection.SubscriptionNamesTests";

    [Fact]
    public void A_handler_is_named_after_its_class()
    {
        var names = NamesOf(static bus => bus.AddHandler<Placed, Both>());

        Assert.Equal([$"{Place}+Both"], names);
    }

    [Fact]
    public void A_handler_of_several_events_is_named_after_its_class_and_the_event()
    {
        var names = NamesOf(static bus => bus.AddHandler<Placed, Both>().AddHandler<Shipped, Both>());

        Assert.Equal([$"{Place}+Both/{Place}+Placed", $"{Place}+Both/order-shipped"], names);
    }

    [Fact]
    public void Lambdas_are_named_after_their_event_and_numbered_by_it()
    {
        var names = NamesOf(static bus => bus
            .Handle<Placed>(static (_, _, _) => default)
            .Handle<Shipped>(static (_, _, _) => default)
            .Handle<Placed>(static (_, _, _) => default));

        Assert.Equal([$"{Place}+Placed-1", "order-shipped-1", $"{Place}+Placed-2"], names);
    }

    [Fact]
    public void A_given_name_is_kept()
    {
        var names = NamesOf(static bus => bus.AddHandler<Placed, Both>(static s => s.Named("Reserve_stock.v2-b")));

        Assert.Equal(["Reserve_stock.v2-b"], names);
    }

    [Fact]
    public void A_name_is_used_once()
    {
        var errors = Mistakes.Of(static bus => bus
            .Handle<Placed>(static (_, _, _) => default, static s => s.Named("stock"))
            .Handle<Placed>(static (_, _, _) => default, static s => s.Named("mail"))
            .Handle<Shipped>(static (_, _, _) => default, static s => s.Named("stock")));

        Assert.Equal(["The subscription name 'stock' is used more than once (registrations 1 and 3). Names are unique in a bus: give each its own with Named(...)."], errors);
    }

    [Fact]
    public void Names_are_told_apart_by_case()
    {
        var names = NamesOf(static bus => bus
            .Handle<Placed>(static (_, _, _) => default, static s => s.Named("stock"))
            .Handle<Placed>(static (_, _, _) => default, static s => s.Named("Stock")));

        Assert.Equal(["stock", "Stock"], names);
    }

    [Fact]
    public void A_handler_that_is_registered_twice_for_an_event_is_told_which_lines_repeat()
    {
        var errors = MistakesOf(static bus => bus.AddHandler<Placed, Both>().AddHandler<Shipped, Both>().AddHandler<Placed, Both>());

        Assert.Equal(
            [$"Handler '{Place}+Both/{Place}+Placed' is registered more than once for the same event (registrations 1 and 3): it would handle every event twice. Drop one, or give each a name with Named(...) if you mean it."],
            errors);
    }

    [Fact]
    public void A_handler_that_would_be_called_twice_through_a_base_type_is_told_the_remedy()
    {
        var errors = MistakesOf(static bus => bus.AddHandler<IOrderEvent, OfBase>().AddHandler<Placed, OfBase>());

        Assert.Equal(
            [
                $"Handler '{Place}+OfBase' is registered for '{Place}+IOrderEvent' and for '{Place}+Placed', which is one: it would be called twice for it."
                + " Use AddSubscription<OfBase>(name, s => { s.On<IOrderEvent>(); s.On<Placed>(); }), which handles each event once, or name both with Named(...) if you mean two subscriptions.",
            ],
            errors);
    }

    [Fact]
    public void The_same_handler_twice_under_two_names_is_two_subscriptions()
    {
        var names = NamesOf(static bus => bus.AddHandler<Placed, Both>(static s => s.Named("a")).AddHandler<Placed, Both>(static s => s.Named("b")));

        Assert.Equal(["a", "b"], names);
    }

    [Fact]
    public void Events_of_one_short_name_give_their_subscriptions_names_that_differ()
    {
        var names = NamesOf(static bus => bus
            .Handle<Sales.Placed>(static (_, _, _) => default)
            .Handle<Stock.Placed>(static (_, _, _) => default)
            .Handle<Changed<Sales.Placed>>(static (_, _, _) => default)
            .Handle<Changed<Stock.Placed>>(static (_, _, _) => default)
            .AddHandler<Sales.Placed, OfModules>()
            .AddHandler<Stock.Placed, OfModules>());

        Assert.Equal(
            [
                $"{Place}+Sales+Placed-1",
                $"{Place}+Stock+Placed-1",
                $"{Place}+Changed<{Place}+Sales+Placed>-1",
                $"{Place}+Changed<{Place}+Stock+Placed>-1",
                $"{Place}+OfModules/{Place}+Sales+Placed",
                $"{Place}+OfModules/{Place}+Stock+Placed",
            ],
            names);
    }

    [Fact]
    public void Another_module_with_an_event_of_the_same_short_name_changes_no_name()
    {
        var alone = NamesOf(static bus => bus.Handle<Stock.Placed>(static (_, _, _) => default));

        var together = NamesOf(static bus => bus.Handle<Sales.Placed>(static (_, _, _) => default).Handle<Stock.Placed>(static (_, _, _) => default));

        Assert.Equal(alone[0], together[1]);
    }

    [Fact]
    public void What_is_subscribed_later_and_streamed_is_named_by_the_whole_name_too()
    {
        using var bus = new EventBusBuilder().Build();

        using var sales = new Ended(bus.Subscribe<Sales.Placed>(static (_, _, _) => default));
        using var stock = new Ended(bus.Subscribe<Stock.Placed>(static (_, _, _) => default));

        Assert.Equal([$"{Place}+Sales+Placed-1", $"{Place}+Stock+Placed-1"], bus.Subscriptions.Select(static subscription => subscription.Name));
    }

    [Fact]
    public void A_subscription_added_later_gets_the_first_free_number()
    {
        using var bus = new EventBusBuilder().Handle<Placed>(static (_, _, _) => default).Build();

        using var second = new Ended(bus.Subscribe<Placed>(static (_, _, _) => default));
        using var third = new Ended(bus.Subscribe<Placed>(static (_, _, _) => default, static s => s.Inline()));

        Assert.Equal([$"{Place}+Placed-1", $"{Place}+Placed-2", $"{Place}+Placed-3"], bus.Subscriptions.Select(static subscription => subscription.Name));
    }

    private static string[] NamesOf(Action<EventBusBuilder> configure)
    {
        using var services = new ServiceCollection().AddEventBus(configure).BuildServiceProvider();
        return [.. services.GetRequiredService<IEventBus>().Subscriptions.Select(static subscription => subscription.Name)];
    }

    private static IReadOnlyList<string> MistakesOf(Action<EventBusBuilder> configure)
    {
        using var services = new ServiceCollection().AddEventBus(configure).BuildServiceProvider();
        return Assert.Throws<EventBusConfigurationException>(services.GetRequiredService<IEventBus>).Errors;
    }

    private interface IOrderEvent;

    private sealed record Placed : IOrderEvent;

    [EventType("order-shipped")]
    private sealed record Shipped;

    private sealed class Both : IEventHandler<Placed>, IEventHandler<Shipped>
    {
        public ValueTask HandleAsync(Placed @event, EventContext context, CancellationToken cancellationToken) => default;

        public ValueTask HandleAsync(Shipped @event, EventContext context, CancellationToken cancellationToken) => default;
    }

    private static class Sales
    {
        internal sealed record Placed;
    }

    private static class Stock
    {
        internal sealed record Placed;
    }

    private sealed record Changed<T>;

    private sealed class OfModules : IEventHandler<Sales.Placed>, IEventHandler<Stock.Placed>
    {
        public ValueTask HandleAsync(Sales.Placed @event, EventContext context, CancellationToken cancellationToken) => default;

        public ValueTask HandleAsync(Stock.Placed @event, EventContext context, CancellationToken cancellationToken) => default;
    }

    private sealed class OfBase : IEventHandler<IOrderEvent>
    {
        public ValueTask HandleAsync(IOrderEvent @event, EventContext context, CancellationToken cancellationToken) => default;
    }

    private sealed class Ended(ISubscription subscription) : IDisposable
    {
        public void Dispose() => subscription.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
