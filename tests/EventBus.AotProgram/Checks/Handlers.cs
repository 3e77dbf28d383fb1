using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.AotProgram.Checks;

internal static class Handlers
{
    public static async Task Typed_handlers_get_their_events()
    {
        var services = new ServiceCollection();
        services.AddSingleton<Received>();
        services.AddEventBus(bus => bus.AddHandler<OrderPlaced, SendReceipt>());
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.PublishManyAsync([new OrderPlaced("2", 20m), new OrderPlaced("3", 30m)]);
        var receipt = await bus.StopAsync();

        Check.Same(["receipt 1", "receipt 2", "receipt 3"], provider.GetRequiredService<Received>().Texts, "handled");
        Check.Equal(true, receipt.IsComplete, "the stop was complete");
    }

    public static async Task Lambdas_need_no_container()
    {
        var received = new Received();
        await using var bus = new EventBusBuilder()
            .Handle<OrderPlaced>((order, context, _) => received.Add($"{order.Number} by {context.Subscription}"))
            .Handle<PriceChanged>((change, _, _) => received.Add($"article {change.Article} costs {change.Price}"))
            .Build();

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.StopAsync();
        await bus.StartAsync();
        await bus.For<PriceChanged>().PublishAsync(new PriceChanged(7, 2.5m));
        await bus.StopAsync();

        Check.Same(["1 by order-placed-1", "article 7 costs 2.5"], received.Texts, "handled");
    }

    public static async Task Each_delivery_has_its_own_scope()
    {
        var scopes = new ConcurrentDictionary<Scoped, bool>();
        var services = new ServiceCollection();
        services.AddScoped<Scoped>();
        services.AddEventBus(bus => bus.Handle<OrderPlaced, Scoped>((_, mine, context, _) =>
        {
            scopes[mine] = ReferenceEquals(mine, context.Services.GetService(typeof(Scoped)));
            return ValueTask.CompletedTask;
        }));
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        var bus = provider.GetRequiredService<IEventBus>();
        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.PublishAsync(new OrderPlaced("2", 10m));
        await bus.StopAsync();

        Check.Equal(2, scopes.Count, "scopes");
        Check.Equal(true, scopes.Values.All(static isTheContexts => isTheContexts), "the context has the scope's service");
        Check.Equal(true, scopes.Keys.All(static mine => mine.IsDisposed), "scopes are disposed");
    }

    public static async Task Inline_handlers_run_within_the_publish()
    {
        var received = new Received();
        await using var bus = new EventBusBuilder()
            .Handle<OrderPlaced>((order, _, _) => received.Add($"inline {order.Number}"), s => s.Inline())
            .Build();

        await bus.PublishAsync(new OrderPlaced("1", 10m));

        Check.Same(["inline 1"], received.Texts, "handled before the publish returned");
    }

    private sealed class SendReceipt(Received received) : IEventHandler<OrderPlaced>
    {
        public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) => received.Add($"receipt {order.Number}");
    }

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
