using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public abstract class OrderByKeyTests(DeliveryMode mode)
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Events_of_a_key_run_one_at_a_time_in_publish_order()
    {
        const int publishers = 4, keysOfEach = 3, events = 600;
        var history = new KeyedHistory<int>();
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<Fact<int>>((fact, _, _) => history.HandleAsync(fact.Key, fact.Number), s => s.In(mode).OrderedBy(fact => fact.Key).Concurrency(8).Capacity(64))
            .Build();

        await Task.WhenAll(Enumerable.Range(0, publishers).Select(publisher => Task.Run(async () =>
        {
            for (var number = 0; number < events; number++)
                await bus.PublishAsync(new Fact<int>((publisher * keysOfEach) + (number % keysOfEach), number));
        }))).Soon();
        await bus.WhenSettled();

        Assert.Equal(0, history.Overlaps);
        Assert.Equal(publishers * keysOfEach, history.Keys);
        for (var key = 0; key < publishers * keysOfEach; key++)
            Assert.Equal(Enumerable.Range(0, events).Where(number => number % keysOfEach == key % keysOfEach), history[key]);
    }

    [Fact]
    public async Task Other_keys_are_handled_while_the_handler_of_one_key_waits()
    {
        var held = new HeldHandler();
        var others = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = 0;
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<Fact<string>>(
                (fact, _, _) =>
                {
                    if (fact is { Key: "slow", Number: 0 })
                        return held.HoldAsync();
                    if (fact.Key != "slow" && Interlocked.Increment(ref seen) == 20)
                        others.SetResult();
                    return default;
                },
                s => s.In(mode).OrderedBy(fact => fact.Key).Concurrency(2))
            .Build();

        await bus.PublishAsync(new Fact<string>("slow", 0));
        await held.Entered;
        for (var number = 0; number < 20; number++)
        {
            await bus.PublishAsync(new Fact<string>("slow", number + 1));
            await bus.PublishAsync(new Fact<string>($"quick {number % 5}", number));
        }

        await others.Task.Soon();
        Assert.Equal(20, bus.Subscriptions[0].Statistics.Handled);
        held.Open();
        await bus.WhenSettled();
        Assert.Equal(41, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task Events_whose_key_is_null_are_in_nobodys_order()
    {
        var held = new HeldHandler(count: 3);
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<Fact<string?>>((_, _, _) => held.HoldAsync(), s => s.In(mode).OrderedBy(fact => fact.Key).Concurrency(3))
            .Build();

        for (var number = 0; number < 3; number++)
            await bus.PublishAsync(new Fact<string?>(null, number));

        await held.Entered;
        held.Open();
        await bus.WhenSettled();
    }

    [Fact]
    public async Task A_retry_holds_its_own_key_alone()
    {
        var seen = await SeenWithAFailingFirstEvent(s => s.OrderedBy(fact => fact.Key).Concurrency(2), static _ => null);

        Assert.Equal(["a0", "b0", "b1"], seen.Before);
        Assert.Equal(["a0", "a1", "a2"], seen.After);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task The_key_that_the_publisher_gives_orders_without_OrderedBy(int concurrency)
    {
        var seen = await SeenWithAFailingFirstEvent(s => s.Concurrency(concurrency), static fact => new() { Key = fact.Key });

        Assert.Equal(["a0", "b0", "b1"], seen.Before);
        Assert.Equal(["a0", "a1", "a2"], seen.After);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task The_key_of_the_events_type_orders_without_OrderedBy(int concurrency)
    {
        var seen = await SeenWithAFailingFirstEvent(s => s.Concurrency(concurrency), static _ => null, b => b.AddEvent<Fact<string>>(t => t.Key(fact => fact.Key)));

        Assert.Equal(["a0", "b0", "b1"], seen.Before);
        Assert.Equal(["a0", "a1", "a2"], seen.After);
    }

    [Fact]
    public async Task A_retry_of_a_strictly_ordered_subscription_holds_all_of_it()
    {
        var seen = await SeenWithAFailingFirstEvent(s => s.StrictlyOrdered(), static _ => null);

        Assert.Equal(["a0"], seen.Before);
        Assert.Equal(["a0", "a1", "b0", "b1", "a2"], seen.After);
    }

    [Fact]
    public async Task The_publishers_key_orders_many_events_at_concurrency_8()
    {
        var history = new KeyedHistory<string>();
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<int>((number, context, _) => history.HandleAsync(context.Key!, number), s => s.In(mode).Concurrency(8).Capacity(64))
            .Build();

        for (var number = 0; number < 1000; number++)
            await bus.PublishAsync(number, new PublishOptions { Key = $"{number % 7}" });
        await bus.WhenSettled();

        Assert.Equal(0, history.Overlaps);
        for (var key = 0; key < 7; key++)
            Assert.Equal(Enumerable.Range(0, 1000).Where(number => number % 7 == key), history[$"{key}"]);
    }

    [Fact]
    public async Task Keys_that_have_no_events_left_take_no_memory()
    {
        const int batches = 20, keysOfABatch = 10_000;
        await using var bus = new EventBusBuilder()
            .In(mode)
            .Handle<Fact<string>>((_, _, _) => default, s => s.In(mode).OrderedBy(fact => fact.Key).Concurrency(4).Capacity(128))
            .Build();
        var keys = new List<WeakReference>();

        for (var batch = 0; batch < batches; batch++)
            await PublishAsync();
        await bus.WhenSettled();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.Equal(batches * keysOfABatch, bus.Subscriptions[0].Statistics.Handled);
        Assert.InRange(keys.Count(static key => key.IsAlive), 0, 128);

        async Task PublishAsync()
        {
            var publishing = new List<Task>();
            for (var number = 0; number < keysOfABatch; number++)
            {
                var key = $"{keys.Count}";
                keys.Add(new(key));
                publishing.Add(bus.PublishAsync(new Fact<string>(key, number)).AsTask());
            }

            await Task.WhenAll(publishing);
        }
    }

    /// <summary>Publishes a0, a1, b0, b1, a2, of which a0 fails once.</summary>
    private async Task<(List<string> Before, List<string> After)> SeenWithAFailingFirstEvent(
        Action<SubscriptionBuilder<Fact<string>>> configure,
        Func<Fact<string>, PublishOptions?> optionsOf,
        Action<EventBusBuilder>? more = null)
    {
        var clock = new FakeTimeProvider();
        var seen = new List<string>();
        var builder = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(clock)
            .Handle<Fact<string>>(
                (fact, context, _) =>
                {
                    lock (seen)
                        seen.Add(fact.Key + fact.Number);
                    return fact is { Key: "a", Number: 0 } && context.Attempt == 1 ? throw new InvalidOperationException() : default;
                },
                s => configure(s.In(mode).Retry(RetryPolicy.Fixed(2, s_retryDelay))));
        more?.Invoke(builder);
        await using var bus = builder.Build();

        foreach (var fact in new Fact<string>[] { new("a", 0), new("a", 1), new("b", 0), new("b", 1), new("a", 2) })
            await bus.PublishAsync(fact, optionsOf(fact));
        await bus.WhenQuiet();
        List<string> before;
        lock (seen)
        {
            before = [.. seen];
            seen.Clear();
        }

        clock.Advance(s_retryDelay);
        await bus.WhenSettled();
        // Between keys there is no order.
        return before.Count == 1 ? (before, seen) : ([.. before.Order()], seen);
    }

    private sealed record Fact<TKey>(TKey Key, int Number);

    public sealed class Queued() : OrderByKeyTests(DeliveryMode.Queued)
    {
        // What a full queue drops is a matter of queues.
        [Fact]
        public async Task A_key_with_many_events_goes_on_as_long_as_no_other_event_is_older()
        {
            var handled = new List<string>();
            await using var bus = new EventBusBuilder()
                .Handle<string>(
                    (key, _, _) =>
                    {
                        handled.Add(key);
                        return default;
                    },
                    static s => s.OrderedBy(static key => key).WhenFull(QueueFullMode.DropOldest).StartPaused())
                .Build();
            string[] published = [.. Enumerable.Repeat("busy", 100), "a", "b", .. Enumerable.Repeat("busy", 50)];
            foreach (var key in published)
                await bus.PublishAsync(key);

            bus.Subscriptions[0].Resume();
            await bus.WhenSettled();

            Assert.Equal("a", handled[100]);
            Assert.Equal("b", handled[101]);
        }
    }

    public sealed class Durable() : OrderByKeyTests(DeliveryMode.Durable);
}
