using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class KeyShareTests
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Past_its_share_of_the_queue_a_failing_key_makes_only_its_own_publishers_wait()
    {
        var clock = new FakeTimeProvider();
        await using var bus = Build(clock, s => s.Capacity(10).MaxPerKey(2));
        await bus.PublishAsync(new Fact("failing", 0));
        await bus.WhenQuiet();

        await bus.PublishAsync(new Fact("failing", 1));
        await bus.PublishAsync(new Fact("failing", 2));
        var past = bus.PublishAsync(new Fact("failing", 3)).AsTask();
        for (var number = 0; number < 20; number++)
            await bus.PublishAsync(new Fact("other", number)).AsTask().Soon();

        Assert.False(past.IsCompleted);
        await bus.WhenQuiet();
        clock.Advance(s_retryDelay);
        await past.Soon();
        await bus.WhenSettled();
        Assert.Equal(24, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task Past_its_share_of_the_queue_only_the_events_of_that_key_are_refused()
    {
        var clock = new FakeTimeProvider();
        await using var bus = Build(clock, s => s.Capacity(10).MaxPerKey(2).WhenFull(QueueFullMode.Reject));
        await bus.PublishAsync(new Fact("failing", 0));
        await bus.WhenQuiet();
        await bus.PublishAsync(new Fact("failing", 1));
        await bus.PublishAsync(new Fact("failing", 2));

        await Assert.ThrowsAsync<QueueFullException>(() => bus.PublishAsync(new Fact("failing", 3)).AsTask());
        await bus.PublishAsync(new Fact("other", 0));

        clock.Advance(s_retryDelay);
        await bus.WhenSettled();
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Refused);
        Assert.Equal(4, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task A_publisher_that_stops_waiting_for_its_keys_share_does_not_strand_the_next()
    {
        var clock = new FakeTimeProvider();
        var seen = new List<int>();
        await using var bus = Build(clock, s => s.Capacity(10).MaxPerKey(1), fact => seen.Add(fact.Number));
        await bus.PublishAsync(new Fact("failing", 0));
        await bus.WhenQuiet();
        await bus.PublishAsync(new Fact("failing", 1));
        using var gone = new CancellationTokenSource();
        var cancelled = bus.PublishAsync(new Fact("failing", 2), gone.Token).AsTask();
        var next = bus.PublishAsync(new Fact("failing", 3)).AsTask();
        var last = bus.PublishAsync(new Fact("failing", 4)).AsTask();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Soon());
        Assert.False(next.IsCompleted);
        clock.Advance(s_retryDelay);
        await Task.WhenAll(next, last).Soon();
        await bus.WhenSettled();
        Assert.Equal([0, 1, 3, 4], seen);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Missed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task No_publisher_is_stranded_however_many_give_up_waiting(int concurrency)
    {
        const int publishers = 6, events = 300;
        var history = new KeyedHistory<string>();
        var accepted = 0;
        await using var bus = new EventBusBuilder()
            .Handle<Fact>((fact, _, _) => history.HandleAsync(fact.Key, fact.Number), s => s.OrderedBy(fact => fact.Key).Concurrency(concurrency).Capacity(2).MaxPerKey(1))
            .Build();

        await Task.WhenAll(Enumerable.Range(0, publishers).Select(publisher => Task.Run(async () =>
        {
            for (var number = 0; number < events; number++)
            {
                using var gone = new CancellationTokenSource();
                var publish = bus.PublishAsync(new Fact($"{publisher % 2}", number), gone.Token).AsTask();
                if (number % 3 == publisher % 3)
                    await Task.Run(gone.Cancel);
                try
                {
                    await publish.Soon();
                    Interlocked.Increment(ref accepted);
                }
                catch (OperationCanceledException)
                {
                    // The event was given up: the queue must not have it.
                }
            }
        })));
        await bus.WhenSettled();

        var statistics = bus.Subscriptions[0].Statistics;
        Assert.Equal(0, history.Overlaps);
        Assert.Equal(accepted, statistics.Handled);
        Assert.Equal((publishers * events) - accepted, statistics.Missed);
    }

    [Fact]
    public async Task A_publisher_waits_for_its_keys_share_while_its_handler_runs_and_comes_in_when_that_returns()
    {
        var held = new HeldHandler();
        await using var bus = new EventBusBuilder()
            .Handle<Fact>((fact, _, _) => fact.Number == 0 ? held.HoldAsync() : default, s => s.OrderedBy(fact => fact.Key).Concurrency(2).Capacity(4).MaxPerKey(1))
            .Build();
        await bus.PublishAsync(new Fact("a", 0));
        await held.Entered;
        await bus.PublishAsync(new Fact("a", 1));

        var waiting = bus.PublishAsync(new Fact("a", 2)).AsTask();
        await bus.PublishAsync(new Fact("b", 1)).AsTask().Soon();

        Assert.False(waiting.IsCompleted);
        held.Open();
        await waiting.Soon();
        await bus.WhenSettled();
        Assert.Equal(4, bus.Subscriptions[0].Statistics.Handled);
    }

    /// <summary>A bus whose handler fails the first attempt of the first event of the key "failing".</summary>
    private static IEventBus Build(FakeTimeProvider clock, Action<SubscriptionBuilder<Fact>> configure, Action<Fact>? seen = null)
    {
        return new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<Fact>(Handle, s => configure(s.OrderedBy(fact => fact.Key).Concurrency(2).Retry(RetryPolicy.Fixed(2, s_retryDelay))))
            .Build();

        ValueTask Handle(Fact fact, EventContext context, CancellationToken cancellationToken)
        {
            if (fact is { Key: "failing", Number: 0 } && context.Attempt == 1)
                throw new InvalidOperationException();
            seen?.Invoke(fact);
            return default;
        }
    }

    private sealed record Fact(string Key, int Number);
}
