using EventBus.Hosting.Lifecycle;
using EventBus.Hosting.Tests.Support;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventBus.Hosting.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task The_bus_is_started_before_any_other_service_starts()
    {
        List<EventBusState> seen = [];
        await using var host = TestHost.Create(static _ => { }, services => services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new Looker(provider.GetRequiredService<IEventBus>(), seen))));

        var before = host.Bus.State;
        await host.StartAsync();

        Assert.Equal(EventBusState.NotStarted, before);
        Assert.Equal([EventBusState.Started], seen);
    }

    [Fact]
    public async Task Durable_work_goes_on_with_the_host_and_not_with_the_first_publish()
    {
        var log = new InMemoryEventLog();
        var handled = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var first = await TestHost.StartAsync(bus => bus.UseEventLog(log).Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Durable().StartPaused())))
        {
            await first.Bus.PublishAsync(7);
            await first.StopAsync();
        }

        await using var second = await TestHost.StartAsync(bus => bus.UseEventLog(log).Handle<int>(
            (number, _, _) =>
            {
                handled.SetResult(number);
                return default;
            },
            static s => s.Named("stock").Durable()));

        Assert.Equal(7, await handled.Task.Soon());
        Assert.DoesNotContain(second.Lines.Bus, static line => line.Id == 604);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_the_bus_and_its_configuration_fails_the_start_at_once()
    {
        await using var host = TestHost.Create(
            static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Capacity(0).Durable()),
            configuration: [("EventBus:Subscriptions:stok:Capacity", "5"), ("EventBus:Subscriptions:stock:Concurrency", "many")]);

        var error = await Assert.ThrowsAsync<EventBusConfigurationException>(host.StartAsync);

        Assert.Equal(
            [
                "Configuration key 'EventBus:Subscriptions:stock:Concurrency' is 'many', and must be a whole number.",
                "Configuration key 'EventBus:Subscriptions:stok' names no subscription of the bus. There are: stock.",
                "Subscription 'stock': Capacity is 0, and must be from 1 to 16777216.",
                "Subscription 'stock' is durable, but the bus has no event log. Add bus.UseSqlite(...) of the package EmbeddedEventBus.Sqlite or bus.UseEventLog(...), or drop .Durable().",
            ],
            error.Errors);
    }

    [Fact]
    public async Task A_log_that_cannot_be_opened_fails_the_start()
    {
        List<EventBusState> seen = [];
        await using var host = TestHost.Create(
            static bus => bus.UseSqlite("Data Source=/no/such/folder/events.db").Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Durable()),
            services => services.AddSingleton<IHostedService>(provider => new Looker(provider.GetRequiredService<IEventBus>(), seen)));

        var error = await Assert.ThrowsAsync<EventLogException>(host.StartAsync);

        Assert.Contains("/no/such/folder", error.Message);
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Every_module_may_ask_for_hosting_before_or_after_it_adds_the_bus()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddEventBusHosting(static hosting => (hosting.ConfigurationSection, hosting.IsConfigurationSectionOptional) = ("Mine", true));
        services.AddEventBus(static bus => bus.Handle<int>(static (_, _, _) => default));
        services.AddEventBusHosting(static hosting => hosting.StopLimit = TimeSpan.FromSeconds(3));
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        var hosted = provider.GetServices<IHostedService>();
        var options = provider.GetRequiredService<IOptions<EventBusHostingOptions>>().Value;

        Assert.IsType<HostedBus>(Assert.Single(hosted));
        Assert.Equal("Mine", options.ConfigurationSection);
        Assert.Equal(TimeSpan.FromSeconds(3), options.StopLimit);
    }

    [Fact]
    public async Task A_host_that_knows_only_start_and_stop_starts_and_stops_the_bus_with_them()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddEventBus(static bus => bus.Handle<int>(static (_, _, _) => default)).AddEventBusHosting();
        await using var provider = services.BuildServiceProvider();
        var hosted = Assert.Single(provider.GetServices<IHostedService>());
        var bus = provider.GetRequiredService<IEventBus>();

        await hosted.StartAsync(CancellationToken.None);
        var started = bus.State;
        await hosted.StopAsync(CancellationToken.None);

        Assert.Equal(EventBusState.Started, started);
        Assert.Equal(EventBusState.Stopped, bus.State);
    }

    [Fact]
    public async Task A_limit_that_is_not_positive_fails_the_start()
    {
        await using var host = TestHost.Create(static _ => { }, hosting: static hosting => hosting.StopLimit = TimeSpan.Zero);

        var error = await Assert.ThrowsAsync<EventBusConfigurationException>(host.StartAsync);

        Assert.Equal(["EventBusHostingOptions.StopLimit must be positive: it is how long a stop of the whole host may take."], error.Errors);
    }

    [Fact]
    public async Task Defaults_are_as_documented()
    {
        await using var host = await TestHost.StartAsync(static _ => { });
        var options = host.Services.GetRequiredService<IOptions<EventBusHostingOptions>>().Value;

        Assert.Equal("EventBus", options.ConfigurationSection);
        Assert.Equal(TimeSpan.FromSeconds(30), options.StopLimit);
    }

    private sealed class Looker(IEventBus bus, List<EventBusState> seen) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            seen.Add(bus.State);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
