using EventBus;

await using var bus = new EventBusBuilder()
    .Handle<OrderPlaced>((order, context, cancellationToken) =>
    {
        Console.WriteLine($"Order {order.Number} was placed: {order.Total} pounds.");
        return ValueTask.CompletedTask;
    })
    .Build();
await bus.PublishAsync(new OrderPlaced("536365", 139.12m));
Console.WriteLine(await bus.StopAsync());

record OrderPlaced(string Number, decimal Total);
