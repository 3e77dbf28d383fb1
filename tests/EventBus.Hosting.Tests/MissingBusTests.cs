using EventBus.Hosting.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventBus.Hosting.Tests;

/// <summary>A host that is to run, or to judge, a bus that is not there does not start.</summary>
public sealed class MissingBusTests
{
    [Fact]
    public async Task Hosting_of_a_wrong_key_lists_the_keys()
    {
        var error = await StartAsync(static services => services.AddEventBus("orders").AddEventBus("billing").AddEventBusHosting("order").AddEventBusHosting("billing"));

        Assert.Equal(
            """There is no event bus with the key "order", but with the keys "orders", "billing". Ask for that: [FromKeyedServices("orders")] IEventPublisher, GetRequiredKeyedService<IEventPublisher>("orders"), AddEventBusHosting("orders") or AddHealthChecks().AddKeyedEventBus("orders"). Or add one with this key, with services.AddEventBus("order", ...).""",
            Assert.Single(error.Errors));
    }

    [Fact]
    public async Task Hosting_without_a_key_where_all_buses_have_one_lists_the_keys()
    {
        var error = await StartAsync(static services => services.AddEventBusHosting().AddEventBus("orders"));

        Assert.Equal(
            """There is no event bus without a key, but with the key "orders". Ask for that: [FromKeyedServices("orders")] IEventPublisher, GetRequiredKeyedService<IEventPublisher>("orders"), AddEventBusHosting("orders") or AddHealthChecks().AddKeyedEventBus("orders"). Or add one without a key, with services.AddEventBus(...).""",
            Assert.Single(error.Errors));
    }

    [Fact]
    public async Task Hosting_with_a_key_where_the_only_bus_has_none_says_so()
    {
        var error = await StartAsync(static services => services.AddEventBus().AddEventBusHosting("orders"));

        Assert.StartsWith("""There is no event bus with the key "orders", but one without a key. Ask for that: IEventPublisher without [FromKeyedServices], GetRequiredService<IEventPublisher>(), AddEventBusHosting() or""", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosting_where_no_bus_was_added_says_so()
    {
        var error = await StartAsync(static services => services.AddEventBusHosting());

        Assert.Equal("There is no event bus without a key, and none with any other. Add one with services.AddEventBus(...).", Assert.Single(error.Errors));
    }

    [Fact]
    public async Task A_health_check_of_a_wrong_key_fails_the_start_and_lists_the_keys()
    {
        var error = await StartAsync(static services => services.AddEventBus("orders").AddEventBusHosting("orders").AddHealthChecks().AddKeyedEventBus("order"));

        Assert.Equal(
            """There is no event bus with the key "order", but with the key "orders". Ask for that: [FromKeyedServices("orders")] IEventPublisher, GetRequiredKeyedService<IEventPublisher>("orders"), AddEventBusHosting("orders") or AddHealthChecks().AddKeyedEventBus("orders"). Or add one with this key, with services.AddEventBus("order", ...).""",
            Assert.Single(error.Errors));
    }

    [Fact]
    public async Task A_health_check_without_a_key_where_all_buses_have_one_fails_the_start()
    {
        var error = await StartAsync(static services => services.AddEventBus("orders").AddHealthChecks().AddEventBus());

        Assert.Contains("""There is no event bus without a key, but with the key "orders".""", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_may_come_before_its_bus()
    {
        using var host = Host(static services => services.AddHealthChecks().AddKeyedEventBus("orders").Services.AddEventBus("orders").AddEventBusHosting("orders"));

        await host.StartAsync().Soon();

        Assert.Equal(EventBusState.Started, host.Services.GetRequiredKeyedService<IEventBus>("orders").State);
    }

    private static async Task<EventBusConfigurationException> StartAsync(Action<IServiceCollection> register)
    {
        using var host = Host(register);
        return await Assert.ThrowsAsync<EventBusConfigurationException>(() => host.StartAsync().Soon());
    }

    private static IHost Host(Action<IServiceCollection> register)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        register(builder.Services);
        return builder.Build();
    }
}
