using Microsoft.Extensions.DependencyInjection;

namespace EventBus.AotProgram.Checks;

internal static class Middleware
{
    public static async Task Middleware_stands_around_handlers_of_classes_and_structs()
    {
        var services = new ServiceCollection();
        services.AddSingleton<Received>();
        services.AddEventBus(bus => bus
            .AddMiddleware<Around>()
            .AddHandler<OrderPlaced, Accounting>()
            .AddHandler<PriceChanged, Accounting>(s => s.AddMiddleware(static (change, context, next, cancellationToken) =>
                next.HandleAsync(change with { Price = 2 * change.Price }, context, cancellationToken))));
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.StopAsync();
        await bus.StartAsync();
        await bus.PublishAsync(new PriceChanged(7, 2.5m));
        await bus.StopAsync();

        Check.Same(
            ["before OrderPlaced", "placed 1", "after OrderPlaced", "before PriceChanged", "7 costs 5.0", "after PriceChanged"],
            provider.GetRequiredService<Received>().Texts,
            "handled, and what stood around it");
    }

    private sealed class Around(Received received) : IEventMiddleware
    {
        public async ValueTask HandleAsync<TEvent>(TEvent @event, EventContext context, IEventHandler<TEvent> next, CancellationToken cancellationToken)
            where TEvent : notnull
        {
            await received.Add($"before {typeof(TEvent).Name}");
            await next.HandleAsync(@event, context, cancellationToken);
            await received.Add($"after {typeof(TEvent).Name}");
        }
    }

    private sealed class Accounting(Received received) : IEventHandler<OrderPlaced>, IEventHandler<PriceChanged>
    {
        public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => received.Add($"placed {order.Number}");

        public ValueTask HandleAsync(PriceChanged change, EventContext context, CancellationToken cancellationToken) => received.Add($"{change.Article} costs {change.Price}");
    }
}
