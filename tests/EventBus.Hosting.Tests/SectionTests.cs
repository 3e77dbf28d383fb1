using EventBus.Hosting.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Tests;

/// <summary>Sections of the configuration that are missing, and those that nothing reads.</summary>
public sealed class SectionTests
{
    private const string Missing =
        "Configuration section 'Shop:Event' does not exist, and EventBusHostingOptions.ConfigurationSection names it. Correct the name, add the section, or set IsConfigurationSectionOptional where it may be missing.";

    [Fact]
    public async Task A_section_that_was_named_and_does_not_exist_fails_the_start_with_all_other_mistakes()
    {
        await using var host = TestHost.Create(
            static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Concurrency(0)),
            hosting: static hosting => hosting.ConfigurationSection = "Shop:Event",
            configuration: [("Shop:Events:Subscriptions:stock:Capacity", "5")]);

        var error = await Assert.ThrowsAsync<EventBusConfigurationException>(host.StartAsync);

        Assert.Equal(2, error.Errors.Count);
        Assert.Contains(Missing, error.Errors);
    }

    [Fact]
    public async Task That_of_a_bus_with_a_key_too()
    {
        await using var host = TestHost.Create(static _ => { }, static services => services.AddEventBus("orders").AddEventBusHosting("orders", static hosting => hosting.ConfigurationSection = "Shop:Event"));

        var error = await Assert.ThrowsAsync<EventBusConfigurationException>(host.StartAsync);

        Assert.Equal([Missing], error.Errors);
    }

    [Theory]
    [InlineData("Shop:Event", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public async Task One_that_is_optional_or_was_not_named_may_be_missing(string? section, bool isOptional)
    {
        await using var host = await TestHost.StartAsync(
            static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")),
            hosting: hosting =>
            {
                if (section is not null)
                    hosting.ConfigurationSection = section;
                hosting.IsConfigurationSectionOptional = isOptional;
            });

        Assert.Equal(EventBusState.Started, host.Bus.State);
    }

    [Fact]
    public async Task One_that_vanishes_while_the_bus_runs_is_told_of()
    {
        await using var host = await TestHost.StartAsync(
            static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")),
            hosting: static hosting => hosting.ConfigurationSection = "Shop:Event",
            configuration: [("Shop:Event:Subscriptions:stock:Capacity", "5")]);

        ((IConfigurationBuilder)host.Configuration).Sources.Clear();

        Assert.Contains(host.Lines.Hosting, static line => line is { Level: LogLevel.Error, Id: 1104 } && line.Text.Contains(Missing, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_section_beside_the_one_that_is_read_is_warned_of_once()
    {
        await using var host = await TestHost.StartAsync(
            static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")),
            configuration: [("EventBus:Subscription:stock:Capacity", "5"), ("EventBus:Database", "events.db"), ("EventBus:Subscriptions:stock:Capacity", "5")]);

        host.Reload(("EventBus:Subscriptions:stock:Paused", "true"));

        Assert.Equal(["Configuration section 'EventBus:Subscription' is read by no bus. Read there: Subscriptions. Correct its name if it is meant for one, or move it elsewhere."], Warnings(host));
    }

    [Fact]
    public async Task One_of_a_wrong_key_is_warned_of_and_one_of_another_bus_is_not()
    {
        await using var host = await TestHost.StartAsync(
            static _ => { },
            static services => services
                .AddEventBus("orders", static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")))
                .AddEventBusHosting("orders"),
            configuration: [("EventBus:orders:Subscriptions:stock:Capacity", "5"), ("EventBus:order:Subscriptions:stock:Capacity", "6"), ("EventBus:orders:Subscriptons:stock:Capacity", "7")]);

        Assert.Equal(
            [
                "Configuration section 'EventBus:order' is read by no bus. Read there: Subscriptions, orders. Correct its name if it is meant for one, or move it elsewhere.",
                "Configuration section 'EventBus:orders:Subscriptons' is read by no bus. Read there: Subscriptions. Correct its name if it is meant for one, or move it elsewhere.",
            ],
            Warnings(host));
    }

    private static IEnumerable<string> Warnings(TestHost host) => host.Lines.Hosting.Where(static line => line is { Level: LogLevel.Warning, Id: 1105 }).Select(static line => line.Text).Order(StringComparer.Ordinal);
}
