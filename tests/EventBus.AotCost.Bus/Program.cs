using EventBus;
using Microsoft.Extensions.DependencyInjection;

// The same as EventBus.AotCost.Channel, with the bus. What .ci/aot --cost compares.
var services = new ServiceCollection();
services.AddEventBus(bus => bus.AddHandler<OrderPlaced, SendReceipt>());
await using var provider = services.BuildServiceProvider();

var bus = provider.GetRequiredService<IEventBus>();
await bus.PublishAsync(new OrderPlaced("536365", 139.12m));
await bus.StopAsync();

internal sealed record OrderPlaced(string Number, decimal Total);

internal sealed class SendReceipt : IEventHandler<OrderPlaced>
{
    public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Order {order.Number} was placed: {order.Total} pounds.");
        return ValueTask.CompletedTask;
    }
}
