namespace EventBus.UnitTests.DependencyInjection;

public sealed class SettingsRulesTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(16_777_217)]
    public void Capacity_has_bounds(int capacity) =>
        Assert.Equal([$"Subscription 'stock': Capacity is {capacity}, and must be from 1 to 16777216."], Mistakes.In(s => s.Capacity(capacity)));

    [Fact]
    public void Reserve_has_bounds() =>
        Assert.Equal(
            ["Subscription 'stock': Reserve is 0, and must be from 1 to 16777216, or handlers that publish could block each other."],
            Mistakes.In(static s => s.Reserve(0)));

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void MaxPerKey_is_bounded_by_the_capacity(int maxPerKey) =>
        Assert.Equal(
            [$"Subscription 'stock': MaxPerKey is {maxPerKey}, and must be from 1 to its capacity, 10."],
            Mistakes.In(s => s.Capacity(10).MaxPerKey(maxPerKey)));

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void Concurrency_has_bounds(int concurrency) =>
        Assert.Equal([$"Subscription 'stock': Concurrency is {concurrency}, and must be from 1 to 1024."], Mistakes.In(s => s.Concurrency(concurrency)));

    [Fact]
    public void Strict_order_does_not_go_with_concurrency() =>
        Assert.Equal(
            ["Subscription 'stock' is strictly ordered, and Concurrency(2) would break the order. Drop one of the two, or order by a key with OrderedBy(...)."],
            Mistakes.In(static s => s.StrictlyOrdered().Concurrency(2)));

    [Fact]
    public void Strict_order_does_not_go_with_an_order_by_key() =>
        Assert.Equal(
            ["Subscription 'stock' has both OrderedBy and StrictlyOrdered. Keep the one you mean: order within each key, or one order for all."],
            Mistakes.In(static s => s.StrictlyOrdered().OrderedBy(static e => e.Length)));

    [Fact]
    public void A_retry_budget_must_be_positive() =>
        Assert.Equal(["Subscription 'stock': the retry budget is 0 per second, and must be positive."], Mistakes.In(static s => s.RetryBudget(0)));

    [Fact]
    public void A_retry_budget_must_be_a_number() =>
        Assert.Equal(["Subscription 'stock': the retry budget is NaN per second, and must be positive."], Mistakes.In(static s => s.RetryBudget(double.NaN)));

    [Fact]
    public void A_retry_budget_has_a_burst_of_at_least_one() =>
        Assert.Equal(["Subscription 'stock': the retry budget's burst is 0, and must be at least 1."], Mistakes.In(static s => s.RetryBudget(1, 0)));

    [Fact]
    public void A_timeout_must_be_positive() =>
        Assert.Equal(
            ["Subscription 'stock': Timeout is 00:00:00, and must be positive. Use Timeout.InfiniteTimeSpan for none."],
            Mistakes.In(static s => s.Timeout(TimeSpan.Zero)));

    [Fact]
    public void An_inline_timeout_must_be_positive_too() =>
        Assert.Equal(
            ["Subscription 'stock': Timeout is -00:00:01, and must be positive. Use Timeout.InfiniteTimeSpan for none."],
            Mistakes.In(static s => s.Inline().Timeout(-s_second)));

    [Fact]
    public void The_time_until_a_handler_counts_as_stuck_must_be_positive() =>
        Assert.Equal(
            ["Subscription 'stock': ReportStuckAfter is 00:00:00, and must be positive. Use Timeout.InfiniteTimeSpan for never."],
            Mistakes.In(static s => s.ReportStuckAfter(TimeSpan.Zero)));

    [Fact]
    public void Who_abandons_stuck_handlers_must_have_them_reported() =>
        Assert.Equal(
            ["Subscription 'stock' abandons stuck handlers but never reports any as stuck. Give ReportStuckAfter a time."],
            Mistakes.In(static s => s.WhenStuck(StuckHandlerAction.Abandon).ReportStuckAfter(Timeout.InfiniteTimeSpan)));

    [Fact]
    public void Who_abandons_stuck_handlers_must_allow_at_least_one() =>
        Assert.Equal(
            ["Subscription 'stock': WhenStuck allows 0 abandoned handlers, and must allow from 1 to 1024."],
            Mistakes.In(static s => s.WhenStuck(StuckHandlerAction.Abandon, 0)));

    [Fact]
    public void Who_abandons_stuck_handlers_must_not_allow_more_than_can_be_handled_at_once() =>
        Assert.Equal(
            ["Subscription 'stock': WhenStuck allows 2147483647 abandoned handlers, and must allow from 1 to 1024."],
            Mistakes.In(static s => s.WhenStuck(StuckHandlerAction.Abandon, int.MaxValue)));

    [Fact]
    public async Task Times_of_any_length_are_waited()
    {
        await using var bus = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, static s => s.Timeout(TimeSpan.MaxValue).ReportStuckAfter(TimeSpan.MaxValue))
            .Build();

        await bus.PublishAsync("an event");
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\u2028b")]
    [InlineData("\0")]
    public void The_name_of_an_event_type_forges_no_log_line(string name)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new EventBusBuilder().AddEvent<string>(e => e.Named(name)));

        Assert.Contains("is not allowed: names have 1 to 1000 characters, without line breaks and control characters. Give another in Named(...).", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_of_an_event_type_is_not_endless() =>
        Assert.Throws<ArgumentException>(static () => new EventBusBuilder().AddEvent<string>(static e => e.Named(new string('x', 1001))));

    [Fact]
    public void An_idempotency_window_must_be_positive() =>
        Assert.Equal(
            ["Subscription 'stock': the idempotency window is 00:00:00, and must be positive."],
            Mistakes.In(static s => s.Idempotent(TimeSpan.Zero)));

    [Theory]
    [InlineData("", "")]
    [InlineData("reserve stock", "reserve stock")]
    [InlineData("a:b", "a:b")]
    [InlineData("stück", "stück")]
    [InlineData("line\nbreak", "line\\u000Abreak")]
    [InlineData("ends\n", "ends\\u000A")]
    public void A_name_fits_configuration_keys(string name, string shown) =>
        Assert.Equal(
            [$"Subscription name '{shown}' is not allowed: names consist of 1 to 100 letters A-Z and a-z, digits, '.', '_' and '-', so that they fit configuration keys. Give another in Named(...)."],
            Mistakes.Of(bus => bus.Handle<string>(static (_, _, _) => default, s => s.Named(name))));

    [Fact]
    public void A_name_has_at_most_a_hundred_characters()
    {
        new EventBusBuilder().Handle<string>(static (_, _, _) => default, static s => s.Named(new string('a', 100))).Build().Dispose();

        Assert.Single(Mistakes.Of(static bus => bus.Handle<string>(static (_, _, _) => default, static s => s.Named(new string('a', 101)))));
    }

    [Theory]
    [MemberData(nameof(QueuedOnly))]
    public void What_means_nothing_inline_is_refused_there(string what, Action<SubscriptionBuilder<string>> configure) =>
        Assert.Equal(
            [$"Subscription 'stock' is inline, and {what} means nothing there: the handler runs within the publish, without a queue. Drop .Inline(), or drop {what}."],
            Mistakes.In(s => configure(s.Inline())));

    public static TheoryData<string, Action<SubscriptionBuilder<string>>> QueuedOnly() => new()
    {
        { "Concurrency", static s => s.Concurrency(2) },
        { "OrderedBy", static s => s.OrderedBy(static e => e) },
        { "StrictlyOrdered", static s => s.StrictlyOrdered() },
        { "WhenFull", static s => s.WhenFull(QueueFullMode.Reject) },
        { "Capacity", static s => s.Capacity(5) },
        { "Reserve", static s => s.Reserve(5) },
        { "MaxPerKey", static s => s.MaxPerKey(5) },
        { "Idempotent", static s => s.Idempotent() },
        { "RetryBudget", static s => s.RetryBudget(5) },
        { "ReportStuckAfter", static s => s.ReportStuckAfter(s_second) },
        { "WhenStuck", static s => s.WhenStuck(StuckHandlerAction.Keep) },
        { "StartPaused", static s => s.StartPaused() },
    };

    [Fact]
    public void A_window_means_nothing_where_nothing_is_idempotent() =>
        Assert.Equal(
            ["Subscription 'stock' has an idempotency window and is not idempotent, so the window means nothing. Add .Idempotent(), or drop IdempotencyWindow."],
            Configured(static settings => settings.IdempotencyWindow = s_second));

    [Fact]
    public void A_burst_means_nothing_without_a_rate() =>
        Assert.Equal(
            ["Subscription 'stock' has a RetryBurst and no rate that it belongs to. Set RetriesPerSecond too, or drop RetryBurst."],
            Configured(static settings => settings.RetryBurst = 3));

    [Fact]
    public void A_bound_of_abandoned_handlers_means_nothing_where_none_is_abandoned() =>
        Assert.Equal(
            ["Subscription 'stock' has MaxAbandoned and abandons nothing. Set WhenStuck to Abandon, or drop MaxAbandoned."],
            Configured(static settings => settings.MaxAbandoned = 3));

    [Fact]
    public void Every_mistake_is_told_at_once()
    {
        var errors = Mistakes.Of(static bus => bus
            .Handle<string>(static (_, _, _) => default, static s => s.Named("a").Capacity(0).Concurrency(0).Timeout(TimeSpan.Zero))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("b").Inline().StartPaused())
            .Handle<string>(static (_, _, _) => default, static s => s.Named("a")));

        Assert.Equal(5, errors.Count);
    }

    [Fact]
    public void The_exception_lists_the_mistakes_line_by_line()
    {
        var builder = new EventBusBuilder().Handle<string>(static (_, _, _) => default, static s => s.Named("stock").Capacity(0).Concurrency(0));

        var error = Assert.Throws<EventBusConfigurationException>(builder.Build);

        Assert.Equal(
            string.Join(
                Environment.NewLine,
                "The event bus cannot be built:",
                "- Subscription 'stock': Capacity is 0, and must be from 1 to 16777216.",
                "- Subscription 'stock': Concurrency is 0, and must be from 1 to 1024."),
            error.Message);
    }

    [Fact]
    public void The_greatest_and_the_least_settings_are_allowed()
    {
        using var bus = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, static s => s.Capacity(1).Reserve(1).MaxPerKey(1).Concurrency(1).Timeout(TimeSpan.FromTicks(1)).RetryBudget(0.001, 1))
            .Handle<string>(static (_, _, _) => default, static s => s.Concurrency(1024).Timeout(Timeout.InfiniteTimeSpan).ReportStuckAfter(Timeout.InfiniteTimeSpan).Idempotent(TimeSpan.MaxValue))
            .Build();

        Assert.Equal(2, bus.Subscriptions.Count);
    }

    // What code cannot say, because its methods set both, configuration can.
    private static IReadOnlyList<string> Configured(Action<SubscriptionSettings> configure) =>
        Mistakes.Of(bus => bus.Handle<string>(static (_, _, _) => default, static s => s.Named("stock")).ConfigureSubscriptions(configure));
}
