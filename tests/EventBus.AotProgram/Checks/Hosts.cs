using EventBus.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace EventBus.AotProgram.Checks;

internal static class Hosts
{
    public static async Task A_host_starts_and_drains_the_bus()
    {
        var received = new Received();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("EventBus:Subscriptions:receipts:Concurrency", "3")]);
        builder.Services.AddEventBus(bus => bus.Handle<OrderPlaced>((order, _, _) => received.Add(order.Number), s => s.Named("receipts")));
        builder.Services.AddEventBusHosting();
        builder.Services.AddHealthChecks().AddEventBus();
        using var host = builder.Build();
        await host.StartAsync();
        var bus = host.Services.GetRequiredService<IEventBus>();

        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        await host.Services.GetRequiredService<IEventPublisher>().PublishAsync(new OrderPlaced("1", 10m));
        await host.StopAsync();

        Check.Equal(HealthStatus.Healthy, health.Status, "health");
        Check.Same(["1"], received.Texts, "handled before the host had stopped");
        Check.Equal(EventBusState.Stopped, bus.State, "state after the host");
        Check.Equal(true, bus.Topology.ToString().Contains("concurrency 3", StringComparison.OrdinalIgnoreCase), $"the configured concurrency in '{bus.Topology}'");
    }

    public static async Task The_test_bus_knows_what_happened()
    {
        await using var bus = TestBus.Create(static bus => bus
            .UseJson(OrderJson.Default)
            .Handle<OrderPlaced>(static async (order, context, cancellationToken) =>
                await context.Publisher.ScheduleAsync(new OrderCancelled(order.Number), TimeSpan.FromDays(14), null, cancellationToken)));

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.WhenIdleAsync();
        await bus.AdvanceAsync(TimeSpan.FromDays(14));

        Check.Same(["1"], bus.History.Published<OrderCancelled>().Select(static order => order.Number), "published later");
    }
}
