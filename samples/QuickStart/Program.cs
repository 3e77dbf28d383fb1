using EventBus;
using Microsoft.Extensions.DependencyInjection;

var services = new ServiceCollection();
services.AddEventBus(bus => bus.Handle<OrderPlaced>((order, context, cancellationToken) =>
{
    Console.WriteLine($"Order {order.Number} was placed: {order.Total} pounds.");
    return ValueTask.CompletedTask;
}));
await using var provider = services.BuildServiceProvider();
var bus = provider.GetRequiredService<IEventBus>();
await bus.PublishAsync(new OrderPlaced("536365", 139.12m));
Console.WriteLine(await bus.StopAsync());

record OrderPlaced(string Number, decimal Total);
