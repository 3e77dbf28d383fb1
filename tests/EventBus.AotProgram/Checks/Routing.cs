using Microsoft.Extensions.DependencyInjection;

namespace EventBus.AotProgram.Checks;

internal static class Routing
{
    public static async Task A_handler_of_a_base_type_gets_every_event_of_it()
    {
        var received = new Received();
        await using var bus = new EventBusBuilder()
            .Handle<IOrderEvent>((order, _, _) => received.Add($"order {order.Number}"), s => s.Inline())
            .Handle<object>((@event, _, _) => received.Add(@event.GetType().Name), s => s.Inline())
            .Build();

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.PublishAsync<IOrderEvent>(new OrderCancelled("1"));
        await bus.PublishAsync(new PriceChanged(7, 2.5m));

        Check.Same(["order 1", "OrderPlaced", "order 1", "OrderCancelled", "PriceChanged"], received.Texts, "handled");
    }

    public static async Task One_subscription_handles_several_event_types()
    {
        var services = new ServiceCollection();
        services.AddSingleton<Received>();
        services.AddEventBus(bus => bus.AddSubscription<OpenOrders>("open-orders", s =>
        {
            s.On<OrderPlaced>(order => order.Number);
            s.On<OrderCancelled>(order => order.Number);
            s.On<PriceChanged>();
        }));
        await using var provider = services.BuildServiceProvider();

        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.PublishAsync(new OrderCancelled("1"));
        await bus.PublishAsync(new PriceChanged(7, 2.5m));
        await bus.StopAsync();

        Check.Same(["placed 1", "cancelled 1", "price of 7"], provider.GetRequiredService<Received>().Texts, "handled");
    }

    public static async Task Keys_keep_their_order()
    {
        var byText = new Received();
        var byNumber = new Received();
        await using var bus = new EventBusBuilder()
            .Handle<OrderPlaced>((order, _, _) => byText.Add($"{order.Total}"), s => s.OrderedBy(static order => order.Number).Concurrency(4))
            .Handle<PriceChanged>((change, _, _) => byNumber.Add($"{change.Price}"), s => s.OrderedBy(static change => change.Article).Concurrency(4))
            .Build();

        for (var i = 0; i < 100; i++)
        {
            await bus.PublishAsync(new OrderPlaced("1", i));
            await bus.PublishAsync(new PriceChanged(7, i));
        }

        await bus.StopAsync();

        var inOrder = Enumerable.Range(0, 100).Select(static i => $"{i}").ToArray();
        Check.Same(inOrder, byText.Texts, "in the order of the key");
        Check.Same(inOrder, byNumber.Texts, "in the order of a key that is a struct");
    }

    private sealed class OpenOrders(Received received) : IEventHandler<OrderPlaced>, IEventHandler<OrderCancelled>, IEventHandler<PriceChanged>
    {
        public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => received.Add($"placed {order.Number}");

        public ValueTask HandleAsync(OrderCancelled order, EventContext context, CancellationToken cancellationToken) => received.Add($"cancelled {order.Number}");

        public ValueTask HandleAsync(PriceChanged change, EventContext context, CancellationToken cancellationToken) => received.Add($"price of {change.Article}");
    }
}
