using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests.Durable;

/// <summary>At each start the bus compares its durable subscriptions with what the log knows of them, and says what has changed.</summary>
public sealed class DurableStartTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly SignallingLog _lines = new(static _ => false, new TaskCompletionSource());
    private readonly List<(string Subscription, int Number)> _handled = [];
    private int _day;

    [Fact]
    public async Task A_new_subscription_is_told_with_the_place_where_it_begins()
    {
        await RunAsync(static bus => bus, [1, 2]);

        await RunAsync(bus => Add(bus, "late"), [3]);
        await RunAsync(bus => Add(Add(bus, "late"), "early", LogPosition.Earliest), []);

        Assert.Equal(
            ["Durable subscription late is new. It begins after event 2.", "Durable subscription early is new. It begins after event 0."],
            Lines("is new"));
        Assert.Equal([("late", 3), ("early", 1), ("early", 2), ("early", 3)], _handled);
    }

    [Fact]
    public async Task A_subscription_that_is_gone_with_work_left_is_told_at_each_start_and_goes_on_when_it_is_back()
    {
        const string told = "The log knows durable subscription stock, and no handler has it: it stands at event 1, with 1 deliveries waiting and the log's head at {0}."
            + " Its state is kept. Add a handler of that name, rename it with FormerlyNamed, or delete it with IEventBus.EventLog.DeleteSubscriptionAsync.";
        await RunAsync(bus => Add(bus, "stock", fails: true), [1], settles: false);

        await RunAsync(static bus => bus, [2]);
        await RunAsync(static bus => bus, []);
        await RunAsync(bus => Add(bus, "stock"), []);

        Assert.Equal([told.Replace("{0}", "1", StringComparison.Ordinal), told.Replace("{0}", "2", StringComparison.Ordinal)], Lines("no handler has it"));
        Assert.Equal([("stock", 1), ("stock", 2)], _handled.Order());
    }

    [Fact]
    public async Task A_subscription_that_was_renamed_takes_its_work_along_and_says_so_once()
    {
        await RunAsync(bus => Add(bus, "stock", fails: true), [1], settles: false);

        await RunAsync(bus => Add(bus, "warehouse", formerName: "stock"), [2]);
        await RunAsync(bus => Add(bus, "warehouse", formerName: "stock"), [3]);

        Assert.Equal(["Durable subscription warehouse goes on where stock was."], Lines("goes on where"));
        Assert.Empty(Lines("no handler has it"));
        Assert.Equal([("warehouse", 1), ("warehouse", 2), ("warehouse", 3)], _handled.Order());
        Assert.Equal(["warehouse"], _log.ReadSubscriptions().Select(static subscription => subscription.Name));
    }

    [Fact]
    public async Task A_subscription_that_was_deleted_is_told_no_more_and_begins_anew()
    {
        await RunAsync(bus => Add(bus, "stock", fails: true), [1], settles: false);
        await using (var provider = Build(static bus => bus))
        {
            await provider.Bus.StartAsync();
            Assert.True(await provider.Bus.EventLog.DeleteSubscriptionAsync("stock"));
            Assert.False(await provider.Bus.EventLog.DeleteSubscriptionAsync("stock"));
        }

        var before = Lines("no handler has it").Count;
        await RunAsync(static bus => bus, []);
        await RunAsync(bus => Add(bus, "stock"), [2]);

        Assert.Equal(before, Lines("no handler has it").Count);
        Assert.Equal([("stock", 2)], _handled);
    }

    [Fact]
    public async Task An_event_type_that_is_gone_keeps_the_bus_from_starting_and_the_alias_brings_it_back()
    {
        await RunAsync(bus => Add(bus, "stock", fails: true, named: "placed"), [1], settles: false);

        await using (var provider = Build(bus => Add(bus, "stock", named: "order-placed")))
        {
            var error = await Assert.ThrowsAsync<EventBusConfigurationException>(async () => await provider.Bus.StartAsync());
            Assert.Equal(
                ["Durable subscription 'stock' asked for event type 'placed' when it last started, and no event type has that name now. If the type was renamed, add AddEvent<TheType>(e => e.Alias(\"placed\")), or its events would become dead letters."],
                error.Errors);
        }

        Assert.Empty(_handled);
        await RunAsync(bus => Add(bus, "stock", named: "order-placed").AddEvent<Fact>(static e => e.Named("order-placed").Alias("placed")), []);
        Assert.Equal([("stock", 1)], _handled);
    }

    [Fact]
    public async Task A_start_after_a_death_says_that_it_takes_care()
    {
        _log.Open();

        await RunAsync(bus => Add(bus, "stock"), []);
        await RunAsync(bus => Add(bus, "stock"), []);

        Assert.Equal(
            ["The event log in memory was not closed: a process that had it has died, or was shut out. What it may have had in hand is delivered again, each attempt stored before it begins."],
            Lines("was not closed"));
    }

    [Fact]
    public async Task Operations_on_a_subscription_that_is_not_there_or_is_in_use_name_the_rule()
    {
        await using var provider = Build(bus => Add(bus, "stock"));
        await provider.Bus.StartAsync();

        var replay = await Assert.ThrowsAsync<ArgumentException>(async () => await provider.Bus.EventLog.ReplayAsync("st\nock", LogPosition.Earliest));
        var delete = await Assert.ThrowsAsync<ArgumentException>(async () => await provider.Bus.EventLog.DeleteSubscriptionAsync("stock"));

        Assert.Equal("There is no durable subscription 'st\\u000Aock' in this bus. (Parameter 'subscription')", replay.Message);
        Assert.Equal("Subscription 'stock' has a handler in this bus. Remove that first, or its state would come back. (Parameter 'subscription')", delete.Message);
    }

    [Fact]
    public async Task A_bus_without_a_log_names_the_remedy()
    {
        await using var bus = new EventBusBuilder().Build();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.EventLog.GetStatisticsAsync());

        Assert.Equal("The bus has no event log. Add bus.UseSqlite(...) of the package EmbeddedEventBus.Sqlite, or bus.UseEventLog(...).", error.Message);
    }

    public void Dispose() => _log.Dispose();

    private List<string> Lines(string part) => [.. _lines.Lines.Where(line => line.Contains(part, StringComparison.Ordinal))];

    private async Task RunAsync(Func<EventBusBuilder, EventBusBuilder> configure, int[] numbers, bool settles = true)
    {
        await using var provider = Build(configure);
        await provider.Bus.StartAsync();
        foreach (var number in numbers)
            await provider.Bus.PublishAsync(new Fact(number));
        await (settles ? provider.Bus.WhenSettled() : provider.Bus.WhenQuiet());
        await provider.Bus.StopAsync().AsTask().Soon();
    }

    /// <summary>A bus of the day after the last one: what waited for an hour waits no more.</summary>
    private ProviderWithBus Build(Func<EventBusBuilder, EventBusBuilder> configure)
    {
        var clock = new JumpingClock { Jump = TimeSpan.FromDays(_day++) };
        return new ServiceCollectionWithLog(_lines).Build(bus => configure(bus.UseEventLog(_log).UseTimeProvider(clock).AddEvent<Fact>(static e => e.Logged())));
    }

    private EventBusBuilder Add(EventBusBuilder bus, string name, LogPosition from = default, bool fails = false, string? formerName = null, string? named = null)
    {
        if (named is not null)
            bus.AddEvent<Fact>(e => e.Named(named));
        return bus.Handle<Fact>(
            (fact, _, _) =>
            {
                if (fails)
                    throw new InvalidOperationException();
                lock (_handled)
                    _handled.Add((name, fact.Number));
                return default;
            },
            s =>
            {
                s.Named(name).Durable(from).Retry(RetryPolicy.Fixed(9, TimeSpan.FromHours(1)));
                if (formerName is not null)
                    s.FormerlyNamed(formerName);
            });
    }

    internal sealed record Fact(int Number);
}
