using EventBus.Hosting.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Tests;

public sealed class ConfigurationChangeTests
{
    private const string Root = "EventBus:Subscriptions:stock";

    [Fact]
    public async Task A_subscription_is_paused_and_resumed_as_the_configuration_changes()
    {
        await using var host = await StartAsync();

        host.Reload(($"{Root}:Paused", "true"));
        var paused = Stock(host).IsPaused;
        host.Reload(($"{Root}:Paused", "false"));

        Assert.True(paused);
        Assert.False(Stock(host).IsPaused);
        Assert.Equal(
            [
                (LogLevel.Information, 1100, "Subscription stock is paused, as configuration key 'EventBus:Subscriptions:stock:Paused' now says."),
                (LogLevel.Information, 1101, "Subscription stock is resumed, as configuration key 'EventBus:Subscriptions:stock:Paused' now says."),
            ],
            Lines(host));
    }

    [Fact]
    public async Task Where_configuration_says_no_longer_whether_it_is_paused_it_is_as_code_wants_it()
    {
        await using var host = await StartAsync(static s => s.StartPaused(), ($"{Root}:Paused", "false"));

        var before = Stock(host).IsPaused;
        host.Reload(($"{Root}:Paused", null));

        Assert.False(before);
        Assert.True(Stock(host).IsPaused);
    }

    [Fact]
    public async Task A_pause_by_hand_outlives_a_change_of_something_else()
    {
        await using var host = await StartAsync();
        Stock(host).Pause();

        host.Reload(("Other", "thing"));

        Assert.True(Stock(host).IsPaused);
        Assert.Empty(host.Lines.Hosting);
    }

    [Fact]
    public async Task What_cannot_be_changed_while_the_bus_runs_is_told_once_and_again_when_it_changes_again()
    {
        await using var host = await StartAsync(static s => s.Capacity(5), ($"{Root}:Concurrency", "4"));

        host.Reload(($"{Root}:Concurrency", "8"));
        host.Reload();
        host.Reload(($"{Root}:Concurrency", "4"));
        host.Reload(($"{Root}:Retry:Policy", "None"));
        host.Reload(($"{Root}:Concurrency", null));

        Assert.Equal(
            [
                (LogLevel.Warning, 1102, "Configuration key 'EventBus:Subscriptions:stock:Concurrency' is now '8', which needs a restart of the process: until then the bus runs with '4'."),
                (LogLevel.Information, 1103, "Configuration key 'EventBus:Subscriptions:stock:Concurrency' is again '4', with which the bus runs."),
                (LogLevel.Warning, 1102, "Configuration key 'EventBus:Subscriptions:stock:Retry:Policy' is now 'None', which needs a restart of the process: until then the bus runs with 'not set'."),
                (LogLevel.Warning, 1102, "Configuration key 'EventBus:Subscriptions:stock:Concurrency' is now 'not set', which needs a restart of the process: until then the bus runs with '4'."),
            ],
            Lines(host));
    }

    [Fact]
    public async Task A_change_that_is_wrong_is_told_once_and_nothing_of_that_subscription_changes()
    {
        await using var host = await StartAsync();

        host.Reload(($"{Root}:Paused", "true"), ($"{Root}:Concurrency", "many"), ("EventBus:Subscriptions:stok:Paused", "true"));
        host.Reload();

        Assert.False(Stock(host).IsPaused);
        Assert.Equal(
            [
                (LogLevel.Error, 1104, "The configuration has changed, and is wrong now: Configuration key 'EventBus:Subscriptions:stok' names no subscription of the bus. There are: inline, stock. The bus keeps what it has, and the process would not start again."),
                (LogLevel.Error, 1104, "The configuration has changed, and is wrong now: Configuration key 'EventBus:Subscriptions:stock:Concurrency' is 'many', and must be a whole number. The bus keeps what it has, and the process would not start again."),
            ],
            Lines(host));
    }

    [Fact]
    public async Task A_change_that_is_mended_is_followed()
    {
        await using var host = await StartAsync();

        host.Reload(($"{Root}:Paused", "ture"));
        host.Reload(($"{Root}:Paused", "true"));

        Assert.True(Stock(host).IsPaused);
    }

    [Fact]
    public async Task An_inline_subscription_is_not_paused_and_the_log_says_why()
    {
        await using var host = await StartAsync();

        host.Reload(("EventBus:Subscriptions:inline:Paused", "true"));

        Assert.Equal(
            [(LogLevel.Error, 1104, "The configuration has changed, and is wrong now: Configuration key 'EventBus:Subscriptions:inline:Paused' is true, and an inline subscription cannot be paused: its handler runs within the publish. The bus keeps what it has, and the process would not start again.")],
            Lines(host));
    }

    [Fact]
    public async Task What_changed_between_the_building_of_the_bus_and_its_start_is_followed()
    {
        await using var host = TestHost.Create(static bus => bus.Handle<int>(static (_, _, _) => default, static s => s.Named("stock")));
        var bus = host.Bus;
        host.Reload(($"{Root}:Paused", "true"));
        var before = bus.Subscriptions[0].IsPaused;

        await host.StartAsync();

        Assert.False(before);
        Assert.True(bus.Subscriptions[0].IsPaused);
    }

    [Fact]
    public async Task After_the_stop_nothing_is_followed_any_more()
    {
        await using var host = await StartAsync();
        await host.StopAsync();

        host.Reload(($"{Root}:Paused", "true"));

        Assert.False(Stock(host).IsPaused);
    }

    private static ISubscription Stock(TestHost host) => host.Bus.Subscriptions[0];

    private static IEnumerable<(LogLevel, int, string)> Lines(TestHost host) => host.Lines.Hosting.Select(static line => (line.Level, line.Id, line.Text));

    private static Task<TestHost> StartAsync(Action<SubscriptionBuilder<int>>? configure = null, params (string Key, string? Value)[] configuration) =>
        TestHost.StartAsync(
            bus => bus
                .Handle<int>(static (_, _, _) => default, s => (configure ?? (static _ => { }))(s.Named("stock")))
                .Handle<string>(static (_, _, _) => default, static s => s.Named("inline").Inline()),
            configuration: configuration);
}
