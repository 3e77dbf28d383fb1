using System.Globalization;
using EventBus.Storage;
using EventBus.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>What durable subscriptions promise, in interleavings of publishers, failures, stops and crashes that a seed decides.</summary>
/// <remarks>For a long run set EVENTBUS_MODEL_ITERATIONS to the number of seeds for each test.</remarks>
public sealed class InterleavingTests
{
    private static readonly int s_times =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTBUS_MODEL_ITERATIONS"), CultureInfo.InvariantCulture, out var times) ? times : 100;

    private static readonly Comparer<Entry> s_byNumber = Comparer<Entry>.Create(static (a, b) => (a.Publisher, a.Number).CompareTo((b.Publisher, b.Number)));

    private sealed record Entry(int Publisher, int Number, string Key);

    [Fact]
    public Task Across_stops_each_event_is_handled_once_and_in_order_of_its_key() => RunAsync(async run =>
    {
        var history = new List<(string Subscription, Entry Entry)>();
        var log = new InMemoryEventLog();
        var accepted = new List<Entry>();
        for (var life = 0; life < 3; life++)
        {
            await using var bus = await StartAsync(run, log, history, fails: true);
            await Task.WhenAll(PublishAsync(bus, life, 1, accepted), PublishAsync(bus, life, 2, accepted));
            if (run.Next(2) == 0)
                await run.AdvanceAsync(TimeSpan.FromSeconds(run.Next(5)));
            var receipt = await bus.StopAsync();
            Assert.All(receipt.Subscriptions, static subscription => Assert.Empty(subscription.Abandoned));
        }

        await HandleRestAsync(run, log, history);

        Assert.Equal(24, accepted.Count);
        foreach (var subscription in history.GroupBy(static handled => handled.Subscription, static handled => handled.Entry))
        {
            Assert.Equal(accepted.Order(s_byNumber), subscription.Order(s_byNumber));
            AssertOrder(subscription.Key, subscription);
        }
    });

    [Fact]
    public Task Across_crashes_nothing_accepted_is_missing_and_no_key_is_overtaken() => RunAsync(async run =>
    {
        var history = new List<(string Subscription, Entry Entry)>();
        var log = new InMemoryEventLog();
        var accepted = new List<Entry>();
        for (var life = 0; life < 3; life++)
        {
            var bus = await StartAsync(run, log.Share(), history, fails: true);
            var publishing = Task.WhenAll(PublishAsync(bus, life, 1, accepted), PublishAsync(bus, life, 2, accepted));
            for (var step = run.Next(60); step > 0; step--)
                await Task.Yield();
            // Whoever opens the log takes it over, as after the death of the process: what this bus still does is lost.
            log.Share().Open();
            await publishing;
            await bus.DisposeAsync();
        }

        await HandleRestAsync(run, log.Share(), history);

        foreach (var subscription in history.GroupBy(static handled => handled.Subscription, static handled => handled.Entry))
        {
            Assert.Empty(accepted.Except(subscription));
            AssertOrder(subscription.Key, subscription.Distinct());
        }
    });

    private static async Task<IEventBus> StartAsync(SeededRun run, IEventLog log, List<(string, Entry)> history, bool fails)
    {
        var bus = new EventBusBuilder().UseEventLog(log)
            .Handle<Entry>((entry, context, _) => HandleAsync("ordered", entry, context), static s => s.Named("ordered").Durable().OrderedBy(static e => e.Key).Concurrency(3).Retry(RetryPolicy.Fixed(10, TimeSpan.FromSeconds(2))))
            .Handle<Entry>((entry, context, _) => HandleAsync("small", entry, context), static s => s.Named("small").Durable().OrderedBy(static e => e.Key).Concurrency(2).Capacity(2).Retry(RetryPolicy.Fixed(10, TimeSpan.FromSeconds(1))))
            .Handle<Entry>((entry, context, _) => HandleAsync("one by one", entry, context), static s => s.Named("one-by-one").Durable().StrictlyOrdered().Idempotent().Retry(RetryPolicy.Immediate(10)))
            .Build();
        await bus.StartAsync();
        return bus;

        async ValueTask HandleAsync(string subscription, Entry entry, EventContext context)
        {
            if (run.Next(2) == 0)
                await Task.Yield();
            if (fails && context.Attempt < 5 && run.Next(4) == 0)
                throw new InvalidOperationException("fails as planned");
            history.Add((subscription, entry));
        }
    }

    private static async Task HandleRestAsync(SeededRun run, IEventLog log, List<(string Subscription, Entry Entry)> history)
    {
        await using var last = await StartAsync(run, log, history, fails: false);
        await run.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Empty(await last.DeadLetters.ListAsync());
    }

    private static async Task PublishAsync(IEventBus bus, int life, int publisher, List<Entry> accepted)
    {
        for (var i = 0; i < 4; i++)
        {
            var entry = new Entry(publisher, (life * 10) + i, $"key {i % 2}");
            try
            {
                await bus.PublishAsync(entry);
                accepted.Add(entry);
            }
            catch (PublishException)
            {
                return;
            }
        }
    }

    private static void AssertOrder(string subscription, IEnumerable<Entry> handled)
    {
        foreach (var line in handled.GroupBy(entry => (entry.Publisher, Key: subscription == "one by one" ? "" : entry.Key), static entry => entry.Number))
            Assert.Equal(line.Order(), line);
    }

    private static Task RunAsync(Func<SeededRun, Task> test) => Interleavings.RunAsync(s_times, test);
}
