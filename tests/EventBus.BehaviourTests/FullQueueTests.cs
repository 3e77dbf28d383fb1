using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>Each test once for a queue without keys and once for one with lanes.</summary>
public sealed class FullQueueTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_queue_makes_its_publishers_wait_and_lets_them_in_as_they_came(bool ordered)
    {
        await using var slow = new SlowBus(2, QueueFullMode.Wait, ordered);
        await slow.FillAsync(2);

        var waiting = Enumerable.Range(3, 4).Select(number => slow.Bus.PublishAsync(new Fact(number)).AsTask()).ToArray();

        Assert.DoesNotContain(waiting, static publish => publish.IsCompleted);
        slow.Held.Open();
        await Task.WhenAll(waiting).Soon();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], await slow.SeenAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publisher_that_gives_up_waiting_is_told_so_and_the_others_keep_the_event(bool ordered)
    {
        await using var slow = new SlowBus(1, QueueFullMode.Wait, ordered);
        await slow.FillAsync(1);
        using var gone = new CancellationTokenSource();
        var given = slow.Bus.PublishAsync(new Fact(2), gone.Token).AsTask();
        var next = slow.Bus.PublishAsync(new Fact(3)).AsTask();

        await gone.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Soon());
        Assert.Equal(gone.Token, error.CancellationToken);
        slow.Held.Open();
        await next.Soon();
        Assert.Equal([0, 1, 3], await slow.SeenAsync());
        Assert.Equal([0, 1, 2, 3], slow.SeenByOther);
        Assert.Equal(1, slow.Statistics.Missed);
        Assert.Equal(3, slow.Statistics.Accepted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publish_that_was_cancelled_before_reaches_nobody(bool ordered)
    {
        await using var slow = new SlowBus(1, QueueFullMode.Wait, ordered);
        await slow.FillAsync(1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.Bus.PublishAsync(new Fact(2), new CancellationToken(canceled: true)).AsTask());

        slow.Held.Open();
        Assert.Equal([0, 1], await slow.SeenAsync());
        Assert.Equal([0, 1], slow.SeenByOther);
        Assert.Equal(0, slow.Statistics.Missed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_queue_that_rejects_names_who_refused_and_who_has_the_event(bool ordered)
    {
        await using var slow = new SlowBus(2, QueueFullMode.Reject, ordered);
        await slow.FillAsync(2);

        var error = await Assert.ThrowsAsync<QueueFullException>(() => slow.Bus.PublishAsync(new Fact(3)).AsTask());

        Assert.Equal(["slow"], error.RefusedBy);
        Assert.Equal(["other"], error.AcceptedBy);
        slow.Held.Open();
        Assert.Equal([0, 1, 2], await slow.SeenAsync());
        Assert.Equal([0, 1, 2, 3], slow.SeenByOther);
        Assert.Equal((1, 0, 3), (slow.Statistics.Refused, slow.Statistics.Dropped, slow.Statistics.Accepted));
    }

    [Theory]
    [InlineData(QueueFullMode.DropNewest, false, new[] { 0, 1, 2 })]
    [InlineData(QueueFullMode.DropNewest, true, new[] { 0, 1, 2 })]
    [InlineData(QueueFullMode.DropOldest, false, new[] { 0, 3, 4 })]
    [InlineData(QueueFullMode.DropOldest, true, new[] { 0, 3, 4 })]
    public async Task A_full_queue_that_drops_drops_the_right_event_and_counts_it(QueueFullMode mode, bool ordered, int[] kept)
    {
        await using var slow = new SlowBus(2, mode, ordered);
        await slow.FillAsync(2);

        await slow.Bus.PublishAsync(new Fact(3)).AsTask().Soon();
        await slow.Bus.PublishAsync(new Fact(4)).AsTask().Soon();

        slow.Held.Open();
        Assert.Equal(kept, await slow.SeenAsync());
        Assert.Equal([0, 1, 2, 3, 4], slow.SeenByOther);
        Assert.Equal((5, 3, 2), (slow.Statistics.Accepted, slow.Statistics.Handled, slow.Statistics.Dropped));
    }

    [Theory]
    [InlineData(1000, QueueFullMode.Wait)]
    [InlineData(1, QueueFullMode.Reject)]
    public async Task Nine_subscriptions_handle_everything_while_the_tenth_stands_still(int capacity, QueueFullMode whenFull)
    {
        const int events = 100;
        var held = new HeldHandler();
        var missing = 9 * events;
        var allHandled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = new EventBusBuilder().Handle<int>((_, _, _) => held.HoldAsync(), s => s.Named("slow").Capacity(capacity).WhenFull(whenFull));
        for (var other = 0; other < 9; other++)
        {
            builder.Handle<int>((_, _, _) =>
            {
                if (Interlocked.Decrement(ref missing) == 0)
                    allHandled.SetResult();
                return default;
            });
        }

        await using var bus = builder.Build();
        var refused = 0;
        for (var number = 0; number < events; number++)
        {
            try
            {
                await bus.PublishAsync(number).AsTask().Soon();
            }
            catch (QueueFullException)
            {
                refused++;
            }
        }

        await allHandled.Task.Soon();
        Assert.Equal(refused, bus.Subscriptions[0].Statistics.Refused);
        Assert.Equal(whenFull == QueueFullMode.Reject, refused > 0);
        held.Open();
        await bus.WhenSettled();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nine_subscriptions_have_the_event_while_its_publisher_waits_for_the_tenth(bool ordered)
    {
        var nine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var have = 0;
        await using var slow = new SlowBus(
            1,
            QueueFullMode.Wait,
            ordered,
            builder =>
            {
                for (var i = 0; i < 9; i++)
                {
                    builder.Handle<Fact>(
                        (fact, _, _) =>
                        {
                            if (fact.Number == 2 && Interlocked.Increment(ref have) == 9)
                                nine.SetResult();
                            return default;
                        },
                        s => s.Named($"quick-{i}"));
                }
            });
        await slow.FillAsync(1);

        var waiting = slow.Bus.PublishAsync(new Fact(2)).AsTask();

        await nine.Task.Soon();
        Assert.False(waiting.IsCompleted);
        slow.Held.Open();
        await waiting.Soon();
        Assert.Equal([0, 1, 2], await slow.SeenAsync());
    }

    private sealed record Fact(int Number);

    /// <summary>A bus with a subscription "slow", whose handler of event 0 is held, and one named "other" that is not.</summary>
    private sealed class SlowBus : IAsyncDisposable
    {
        private readonly List<int> _seen = [];
        private readonly List<int> _seenByOther = [];

        public SlowBus(int capacity, QueueFullMode mode, bool ordered, Action<EventBusBuilder>? more = null)
        {
            var builder = new EventBusBuilder()
                .Handle<Fact>(
                    (fact, _, _) =>
                    {
                        _seen.Add(fact.Number);
                        return fact.Number == 0 ? Held.HoldAsync() : default;
                    },
                    s =>
                    {
                        s.Named("slow").Capacity(capacity).WhenFull(mode);
                        if (ordered)
                            s.OrderedBy(static _ => "key").MaxPerKey(capacity).Concurrency(2);
                    })
                .Handle<Fact>(
                    (fact, _, _) =>
                    {
                        _seenByOther.Add(fact.Number);
                        return default;
                    },
                    s => s.Named("other"));
            more?.Invoke(builder);
            Bus = builder.Build();
        }

        public IEventBus Bus { get; }

        public HeldHandler Held { get; } = new();

        public IReadOnlyList<int> SeenByOther => _seenByOther;

        public SubscriptionStatistics Statistics => Bus.Subscriptions.Single(static subscription => subscription.Name == "slow").Statistics;

        /// <summary>Publishes event 0, which is held, and so many more.</summary>
        public async Task FillAsync(int count)
        {
            await Bus.PublishAsync(new Fact(0));
            await Held.Entered;
            for (var number = 1; number <= count; number++)
                await Bus.PublishAsync(new Fact(number)).AsTask().Soon();
        }

        public async Task<IReadOnlyList<int>> SeenAsync()
        {
            await Bus.WhenSettled();
            return _seen;
        }

        public ValueTask DisposeAsync() => Bus.DisposeAsync();
    }
}
