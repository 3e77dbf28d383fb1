using EventBus.Hosting.Tests.Support;
using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Hosting.Tests;

public sealed class ConfigurationTests
{
    private const string Root = "EventBus:Subscriptions:stock";
    private const string AllKeys = "Capacity, Concurrency, IdempotencyWindow, MaxAbandoned, MaxParked, MaxPerKey, Paused, Reserve, RetriesPerSecond, Retry, RetryBurst, StuckAfter, Timeout, WhenFull, WhenStuck";

    private static readonly RetryAttempt s_first = new(1, TimeSpan.Zero, TimeSpan.Zero, new InvalidOperationException(), 0.5);

    [Fact]
    public void Every_setting_of_a_queued_subscription_can_be_configured_and_configuration_wins()
    {
        var settings = Configured(
            static s => s.Capacity(1).Concurrency(1).Idempotent(),
            ("Capacity", "100"), ("Concurrency", "8"), ("IdempotencyWindow", "02:00:00"), ("MaxAbandoned", "3"), ("MaxPerKey", "20"), ("Paused", "True"), ("Reserve", "50"),
            ("RetriesPerSecond", "2.5"), ("RetryBurst", "7"), ("StuckAfter", "infinite"), ("Timeout", "00:00:30"), ("WhenFull", "reject"), ("WhenStuck", "Keep"), ("Retry:MaxAttempts", "5"));

        Assert.Equal(100, settings.Capacity);
        Assert.Equal(8, settings.Concurrency);
        Assert.Equal(TimeSpan.FromHours(2), settings.IdempotencyWindow);
        Assert.Equal(3, settings.MaxAbandoned);
        Assert.Equal(20, settings.MaxPerKey);
        Assert.True(settings.StartsPaused);
        Assert.Equal(50, settings.Reserve);
        Assert.Equal(2.5, settings.RetriesPerSecond);
        Assert.Equal(7, settings.RetryBurst);
        Assert.Equal(Timeout.InfiniteTimeSpan, settings.StuckAfter);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Timeout);
        Assert.Equal(QueueFullMode.Reject, settings.WhenFull);
        Assert.Equal(StuckHandlerAction.Keep, settings.WhenStuck);
        Assert.Equal("5 attempts, exponential from 00:00:00.2000000 to 00:00:30, jittered", settings.Retry?.ToString());
    }

    [Fact]
    public void A_durable_subscription_has_a_bound_of_its_own() =>
        Assert.Equal(9, Configured(static s => s.Durable(), ("MaxParked", "9")).MaxParked);

    [Fact]
    public void What_is_not_configured_stays_as_code_made_it()
    {
        var settings = Configured(static s => s.Capacity(17).StartPaused(), ("Concurrency", null), ("Timeout", ""));

        Assert.Equal(17, settings.Capacity);
        Assert.True(settings.StartsPaused);
        Assert.Null(settings.Concurrency);
        Assert.Null(settings.Timeout);
    }

    [Fact]
    public void Configuration_can_undo_a_pause_that_code_asks_for() =>
        Assert.False(Configured(static s => s.StartPaused(), ("Paused", "false")).StartsPaused);

    [Theory]
    [InlineData("5 attempts, exponential from 00:00:02 to 00:00:09, jittered", "MaxAttempts=5", "FirstDelay=00:00:02", "MaxDelay=00:00:09")]
    [InlineData("3 attempts, exponential from 00:00:00.2000000 to 00:00:30, jittered", "Policy=exponential")]
    [InlineData("3 attempts, exponential from 00:01:00 to 00:01:00, jittered", "FirstDelay=00:01:00")]
    [InlineData("3 attempts, linear from 00:00:02 to 00:00:30", "Policy=Linear", "Step=00:00:02")]
    [InlineData("4 attempts, linear from 00:00:02 to 00:00:05", "Policy=Linear", "Step=00:00:02", "MaxDelay=00:00:05", "MaxAttempts=4")]
    [InlineData("3 attempts, every 00:00:07", "Policy=Fixed", "Delay=00:00:07")]
    [InlineData("9 attempts, at once", "Policy=Immediate", "MaxAttempts=9")]
    [InlineData("none", "Policy=None")]
    public void A_retry_policy_can_be_configured(string policy, params string[] keys) =>
        Assert.Equal(policy, Configured(static _ => { }, [.. keys.Select(Pair)]).Retry?.ToString());

    [Fact]
    public void A_durable_subscription_has_its_own_defaults_of_a_retry_policy() =>
        Assert.Equal("10 attempts, exponential from 00:00:03 to 00:10:00, jittered", Configured(static s => s.Durable(), ("Retry:FirstDelay", "00:00:03")).Retry?.ToString());

    [Fact]
    public void The_schedule_of_the_event_grid_can_be_configured() =>
        Assert.Same(RetryPolicy.EventGrid, Configured(static _ => { }, ("Retry:Policy", "EventGrid")).Retry);

    [Fact]
    public void A_total_time_bounds_a_configured_policy()
    {
        var policy = Configured(static _ => { }, ("Retry:Policy", "Fixed"), ("Retry:Delay", "00:00:07"), ("Retry:TotalTime", "00:00:10")).Retry!;

        Assert.True(policy.Decide(s_first).Retries);
        Assert.Equal(DeadLetterReason.RetryTimeExceeded, policy.Decide(s_first with { Attempt = 2, Elapsed = TimeSpan.FromSeconds(7) }).Reason);
    }

    [Theory]
    [InlineData("Capacity", "ten", "must be a whole number.")]
    [InlineData("Concurrency", "1.5", "must be a whole number.")]
    [InlineData("Paused", "yes", "must be true or false.")]
    [InlineData("RetriesPerSecond", "2,5", "must be a number, such as 2.5.")]
    [InlineData("Timeout", "30", "must be a time as hours:minutes:seconds, such as 00:00:30, or 'Infinite'.")]
    [InlineData("IdempotencyWindow", "1 day", "must be a time as hours:minutes:seconds, such as 00:00:30.")]
    [InlineData("WhenFull", "1", "must be one of Wait, Reject, DropNewest, DropOldest.")]
    [InlineData("WhenStuck", "Forget", "must be one of Keep, Abandon.")]
    [InlineData("Retry:Policy", "Quadratic", "must be one of Exponential, Linear, Fixed, Immediate, EventGrid, None.")]
    [InlineData("Retry:MaxAttempts", "0", "must be a whole number, 1 or more.")]
    [InlineData("Retry:FirstDelay", "00:00:00", "must be a time as hours:minutes:seconds, such as 00:00:30, and positive.")]
    [InlineData("Retry:TotalTime", "00:00:00", "must be a time as hours:minutes:seconds, such as 00:00:30, and positive.")]
    [InlineData("Retry:MaxDelay", "-00:00:01", "must be a time as hours:minutes:seconds, such as 00:00:30, and not negative.")]
    public void A_text_that_cannot_be_read_is_named_with_its_key(string key, string text, string rule) =>
        Assert.Equal([$"Configuration key '{Root}:{key}' is '{text}', and {rule}"], MistakesOf(static _ => { }, (key, text)));

    [Theory]
    [InlineData("Capacity:Of", "5", $"Configuration key '{Root}:Capacity' is a section, and must be a value: a whole number.")]
    [InlineData("Concurency", "5", $"Configuration key '{Root}:Concurency' is no setting of a subscription. There are: {AllKeys}.")]
    [InlineData("Retry", "None", $"Configuration key '{Root}:Retry' is 'None', and must be a section, such as Policy: None or MaxAttempts: 5.")]
    [InlineData("Retry:Attempts", "5", $"Configuration key '{Root}:Retry:Attempts' means nothing to the retry policy Exponential. It has: Policy, MaxAttempts, FirstDelay, MaxDelay, TotalTime.")]
    [InlineData("Retry:Policy", "Fixed", $"Configuration key '{Root}:Retry:Delay' is missing, and the retry policy Fixed needs it: a time as hours:minutes:seconds, such as 00:00:30, and not negative.")]
    [InlineData("Retry:Policy", "Linear", $"Configuration key '{Root}:Retry:Step' is missing, and the retry policy Linear needs it: a time as hours:minutes:seconds, such as 00:00:30, and not negative.")]
    [InlineData("Retry:MaxDelay", "00:00:00.1", $"Configuration key '{Root}:Retry:MaxDelay' is 00:00:00.1000000, and must be at least as long as the first wait, 00:00:00.2000000.")]
    [InlineData("Line\nbreak", "5", $@"Configuration key '{Root}:Line\u000Abreak' is no setting of a subscription. There are: {AllKeys}.")]
    public void A_key_that_means_nothing_is_named(string key, string text, string mistake) =>
        Assert.Equal([mistake], MistakesOf(static _ => { }, (key, text)));

    [Theory]
    [InlineData("None", "MaxAttempts", "Policy")]
    [InlineData("EventGrid", "MaxAttempts", "Policy, TotalTime")]
    [InlineData("Immediate", "FirstDelay", "Policy, MaxAttempts, TotalTime")]
    [InlineData("Fixed", "Step", "Policy, MaxAttempts, Delay, TotalTime")]
    [InlineData("Linear", "Delay", "Policy, MaxAttempts, Step, MaxDelay, TotalTime")]
    public void A_key_of_another_retry_policy_is_named(string policy, string key, string keys) =>
        Assert.Contains(
            $"Configuration key '{Root}:Retry:{key}' means nothing to the retry policy {policy}. It has: {keys}.",
            MistakesOf(static _ => { }, ("Retry:Policy", policy), ($"Retry:{key}", "1")));

    [Theory]
    [InlineData("Capacity", "0", "Subscription 'stock': Capacity is 0, and must be from 1 to 16777216.")]
    [InlineData("Reserve", "0", "Subscription 'stock': Reserve is 0, and must be from 1 to 16777216, or handlers that publish could block each other.")]
    [InlineData("MaxPerKey", "2000", "Subscription 'stock': MaxPerKey is 2000, and must be from 1 to its capacity, 1024.")]
    [InlineData("Concurrency", "2000", "Subscription 'stock': Concurrency is 2000, and must be from 1 to 1024.")]
    [InlineData("RetriesPerSecond", "0", "Subscription 'stock': the retry budget is 0 per second, and must be positive.")]
    [InlineData("RetryBurst", "2", "Subscription 'stock' has a RetryBurst and no rate that it belongs to. Set RetriesPerSecond too, or drop RetryBurst.")]
    [InlineData("Timeout", "00:00:00", "Subscription 'stock': Timeout is 00:00:00, and must be positive. Use Timeout.InfiniteTimeSpan for none.")]
    [InlineData("StuckAfter", "00:00:00", "Subscription 'stock': ReportStuckAfter is 00:00:00, and must be positive. Use Timeout.InfiniteTimeSpan for never.")]
    [InlineData("MaxParked", "5", "Subscription 'stock' is not durable, and MaxParked means nothing there: only durable subscriptions have a stored state. Add .Durable(), or drop MaxParked.")]
    [InlineData("IdempotencyWindow", "00:00:01", "Subscription 'stock' has an idempotency window and is not idempotent, so the window means nothing. Add .Idempotent(), or drop IdempotencyWindow.")]
    [InlineData("MaxAbandoned", "2", "Subscription 'stock' has MaxAbandoned and abandons nothing. Set WhenStuck to Abandon, or drop MaxAbandoned.")]
    public void What_breaks_a_rule_of_the_bus_is_named_with_its_key(string key, string text, string mistake) =>
        Assert.Equal([$"{mistake} It is set by configuration key '{Root}:{key}'."], MistakesOf(static _ => { }, (key, text)));

    [Fact]
    public void What_does_not_go_with_the_code_is_named_with_its_key() =>
        Assert.Equal(
            [$"Subscription 'stock' is strictly ordered, and Concurrency(2) would break the order. Drop one of the two, or order by a key with OrderedBy(...). It is set by configuration key '{Root}:Concurrency'."],
            MistakesOf(static s => s.StrictlyOrdered(), ("Concurrency", "2")));

    [Theory]
    [InlineData("Paused", "true", "StartPaused")]
    [InlineData("Capacity", "5", "Capacity")]
    [InlineData("WhenStuck", "Keep", "WhenStuck")]
    public void What_means_nothing_to_an_inline_subscription_is_named_with_its_key(string key, string text, string what) =>
        Assert.Equal(
            [$"Subscription 'stock' is inline, and {what} means nothing there: the handler runs within the publish, without a queue. Drop .Inline(), or drop {what}. It is set by configuration key '{Root}:{key}'."],
            MistakesOf(static s => s.Inline(), (key, text)));

    [Fact]
    public void Mistakes_are_told_all_at_once() =>
        Assert.Equal(5, MistakesOf(static s => s.MaxPerKey(0), ("Capacity", "ten"), ("Concurency", "1"), ("Concurrency", "0"), ("Retry:Policy", "?")).Count);

    [Fact]
    public void A_subscription_that_is_a_value_is_named() =>
        Assert.Equal(
            [$"Configuration key '{Root}' is '5', and must be a section with settings: {AllKeys}."],
            MistakesIn(("EventBus:Subscriptions:stock", "5")));

    [Fact]
    public void Subscriptions_that_are_a_value_are_named() =>
        Assert.Equal(
            ["Configuration key 'EventBus:Subscriptions' is 'all', and must be a section with a section for each subscription."],
            MistakesIn(("EventBus:Subscriptions", "all")));

    [Fact]
    public void The_case_of_keys_does_not_matter() =>
        Assert.Empty(MistakesIn(("eventbus:subscriptions:STOCK:capacity", "5"), ("EventBus:Subscriptions:stock:RETRY:policy", "none")));

    [Fact]
    public void The_application_may_keep_other_things_beside_the_subscriptions() =>
        Assert.Empty(MistakesIn(("EventBus:Database", "events.db")));

    [Fact]
    public void Another_section_can_be_chosen()
    {
        var settings = Settings(static _ => { }, static hosting => hosting.ConfigurationSection = "Shop:Events", ("Shop:Events:Subscriptions:stock:Capacity", "5"), ("EventBus:Subscriptions:other:Capacity", "5"));

        Assert.Equal(5, settings.Capacity);
    }

    [Fact]
    public void Configuration_need_not_be_read() =>
        Assert.Null(Settings(static _ => { }, static hosting => hosting.ConfigurationSection = "", ($"{Root}:Capacity", "5"), ("EventBus:Subscriptions:other:Capacity", "5")).Capacity);

    [Fact]
    public async Task A_container_without_configuration_has_none()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddEventBus(static bus => bus.Handle<int>(static (_, _, _) => default)).AddEventBusHosting();
        await using var provider = services.BuildServiceProvider();

        Assert.Single(provider.GetRequiredService<IEventBus>().Subscriptions);
    }

    private static (string Key, string? Value) Pair(string text) => ($"Retry:{text.Split('=')[0]}", text.Split('=')[1]);

    private static SubscriptionSettings Configured(Action<SubscriptionBuilder<int>> configure, params (string Key, string? Value)[] keys) =>
        Settings(configure, null, [.. keys.Select(static pair => ($"{Root}:{pair.Key}", pair.Value))]);

    private static SubscriptionSettings Settings(Action<SubscriptionBuilder<int>> configure, Action<EventBusHostingOptions>? hosting, params (string Key, string? Value)[] configuration)
    {
        SubscriptionSettings? seen = null;
        var host = TestHost.Create(
            bus => bus.UseEventLog(new InMemoryEventLog()).Handle<int>(static (_, _, _) => default, s => configure(s.Named("stock"))),
            services => services.AddEventBus(bus => bus.ConfigureSubscriptions(settings => seen = settings)),
            hosting,
            configuration);
        host.Bus.Dispose();
        return seen!;
    }

    private static IReadOnlyList<string> MistakesOf(Action<SubscriptionBuilder<int>> configure, params (string Key, string? Value)[] keys) =>
        MistakesIn(configure, [.. keys.Select(static pair => ($"{Root}:{pair.Key}", pair.Value))]);

    private static IReadOnlyList<string> MistakesIn(params (string Key, string? Value)[] configuration) => MistakesIn(static _ => { }, configuration);

    private static IReadOnlyList<string> MistakesIn(Action<SubscriptionBuilder<int>> configure, (string Key, string? Value)[] configuration)
    {
        var host = TestHost.Create(bus => bus.Handle<int>(static (_, _, _) => default, s => configure(s.Named("stock"))), configuration: configuration);
        try
        {
            host.Bus.Dispose();
            return [];
        }
        catch (EventBusConfigurationException error)
        {
            return error.Errors;
        }
    }
}
