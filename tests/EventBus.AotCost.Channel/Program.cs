using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;

// The same as EventBus.AotCost.Bus, by hand: a container, a bounded channel, a reader that gives each event a scope. What .ci/aot --cost compares.
var services = new ServiceCollection();
services.AddScoped<SendReceipt>();
await using var provider = services.BuildServiceProvider();

var channel = Channel.CreateBounded<OrderPlaced>(1024);
var reader = Task.Run(async () =>
{
    await foreach (var order in channel.Reader.ReadAllAsync())
    {
        await using var scope = provider.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<SendReceipt>().HandleAsync(order, CancellationToken.None);
    }
});
await channel.Writer.WriteAsync(new OrderPlaced("536365", 139.12m));
channel.Writer.Complete();
await reader;

internal sealed record OrderPlaced(string Number, decimal Total);

internal sealed class SendReceipt
{
    public ValueTask HandleAsync(OrderPlaced order, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Order {order.Number} was placed: {order.Total} pounds.");
        return ValueTask.CompletedTask;
    }
}
