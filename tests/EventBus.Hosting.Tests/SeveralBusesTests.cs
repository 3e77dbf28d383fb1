using EventBus.Hosting.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBus.Hosting.Tests;

/// <summary>A host with several buses, each with a key.</summary>
public sealed class SeveralBusesTests
{
    [Fact]
    public async Task Each_bus_starts_and_stops_with_the_host_and_the_last_to_start_stops_first()
    {
        var handled = 0;
        await using var host = await StartAsync(services => services
            .AddEventBus("billing", bus => bus.Handle<int>((_, _, _) =>
            {
                Interlocked.Increment(ref handled);
                return default;
            }))
            .AddEventBus("orders", static bus => bus.Handle<int, IServiceProvider>(static (@event, scope, _, token) =>
                scope.GetRequiredKeyedService<IEventPublisher>("billing").PublishAsync(@event, token))));

        EventBusState[] started = [Bus(host, "orders").State, Bus(host, "billing").State];
        await Bus(host, "orders").PublishManyAsync([.. Enumerable.Range(0, 100)]);
        await host.StopAsync();

        Assert.All(started, static state => Assert.Equal(EventBusState.Started, state));
        Assert.Equal(EventBusState.Stopped, Bus(host, "orders").State);
        Assert.Equal(EventBusState.Stopped, Bus(host, "billing").State);
        Assert.Equal(100, handled);
    }

    [Fact]
    public async Task Each_has_its_own_section_of_the_configuration()
    {
        await using var host = await StartAsync(
            static services => services
                .AddEventBus("orders", static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")))
                .AddEventBus("billing", static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")))
                .AddEventBusHosting("billing", static options => options.ConfigurationSection = "Bills"),
            ("EventBus:orders:Subscriptions:stock:Paused", "true"),
            ("Bills:Subscriptions:stock:Paused", "false"));
        var paused = Assert.Single(Bus(host, "orders").Subscriptions).IsPaused;

        host.Reload(("EventBus:orders:Subscriptions:stock:Paused", "false"), ("Bills:Subscriptions:stock:Paused", "true"));

        Assert.True(paused);
        Assert.False(Assert.Single(Bus(host, "orders").Subscriptions).IsPaused);
        Assert.True(Assert.Single(Bus(host, "billing").Subscriptions).IsPaused);
    }

    [Fact]
    public async Task Its_limits_are_its_own_and_checked()
    {
        await using var host = TestHost.Create(static _ => { }, static services => services.AddEventBus("orders").AddEventBusHosting("orders", static options => options.StopLimit = TimeSpan.Zero));

        var error = await Assert.ThrowsAnyAsync<Exception>(host.StartAsync);

        Assert.Contains("EventBusHostingOptions.StopLimit must be positive", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_has_its_own_health()
    {
        await using var host = await StartAsync(static services => services
            .AddEventBus("orders")
            .AddEventBus("billing")
            .AddHealthChecks().AddKeyedEventBus("orders").AddKeyedEventBus("billing", name: "bills").AddEventBus());

        await Bus(host, "billing").StopAsync();
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal(HealthStatus.Healthy, report.Entries["event-bus-orders"].Status);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["bills"].Status);
        Assert.Equal(HealthStatus.Healthy, report.Entries["event-bus"].Status);
    }

    private static IEventBus Bus(TestHost host, string key) => host.Services.GetRequiredKeyedService<IEventBus>(key);

    // Twice each, as modules may: the second call says nothing new.
    private static async Task<TestHost> StartAsync(Action<IServiceCollection> register, params (string Key, string? Value)[] configuration) => await TestHost.StartAsync(
        static _ => { },
        services =>
        {
            services.AddEventBusHosting("billing").AddEventBusHosting("orders").AddEventBusHosting("billing").AddEventBusHosting("orders");
            register(services);
        },
        null,
        configuration);
}
