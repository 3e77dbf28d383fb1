using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>Events that a full queue did not take: who has them all the same, and what is counted and logged.</summary>
public sealed class LossTests
{
    private readonly TaskCompletionSource _logged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publisher_that_gives_up_on_several_full_queues_is_missed_by_each_of_them_and_the_rest_has_the_event(bool ordered)
    {
        var log = LogOf(static line => line.StartsWith("Subscription second does not get", StringComparison.Ordinal));
        var inline = 0;
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus
            .Handle<string>(static (_, _, _) => default, s => Full(s.Named("first"), QueueFullMode.Wait, ordered))
            .Handle<string>(static (_, _, _) => default, s => Full(s.Named("second"), QueueFullMode.Wait, ordered))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("other"))
            .Handle<string>(
                (_, _, _) =>
                {
                    inline++;
                    return default;
                },
                static s => s.Named("inline").Inline()));
        using var gone = new CancellationTokenSource();
        await provider.Bus.PublishAsync("accepted");
        var publish = provider.Bus.PublishAsync("missed", gone.Token).AsTask();

        await gone.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publish.Soon());
        Assert.Equal(gone.Token, error.CancellationToken);
        Assert.Equal([1, 1, 2, 1], provider.Bus.Subscriptions.Select(static subscription => subscription.Statistics.Accepted));
        Assert.Equal([1, 1, 0, 0], provider.Bus.Subscriptions.Select(static subscription => subscription.Statistics.Missed));
        Assert.Equal(1, inline);
        await _logged.Task.Soon();
        Assert.Equal(2, log.Lines.Count(static line => line.EndsWith("because its publisher stopped waiting for room: 1 missed so far.", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_that_let_the_event_in_keeps_it_when_its_publisher_gives_up_on_another(bool ordered)
    {
        var let = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, s => Full(s.Named("never"), QueueFullMode.Wait, ordered))
            .Handle<string>(
                (@event, _, _) =>
                {
                    if (@event == "second")
                        let.SetResult();
                    return default;
                },
                s => Full(s.Named("soon"), QueueFullMode.Wait, ordered))
            .Build();
        using var gone = new CancellationTokenSource();
        await bus.PublishAsync("first");
        var publish = bus.PublishAsync("second", gone.Token).AsTask();

        bus.Subscriptions[1].Resume();
        await let.Task.Soon();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publish.Soon());
        Assert.Equal([1, 0], bus.Subscriptions.Select(static subscription => subscription.Statistics.Missed));
        Assert.Equal([1, 2], bus.Subscriptions.Select(static subscription => subscription.Statistics.Accepted));
    }

    [Theory]
    [InlineData(QueueFullMode.DropNewest, "dropped", false)]
    [InlineData(QueueFullMode.DropNewest, "dropped", true)]
    [InlineData(QueueFullMode.DropOldest, "dropped", false)]
    [InlineData(QueueFullMode.DropOldest, "dropped", true)]
    [InlineData(QueueFullMode.Reject, "refused", false)]
    [InlineData(QueueFullMode.Reject, "refused", true)]
    [InlineData(QueueFullMode.Wait, "missed", false)]
    [InlineData(QueueFullMode.Wait, "missed", true)]
    public async Task A_flood_of_losses_is_counted_one_by_one_and_logged_at_each_power_of_ten(QueueFullMode mode, string lost, bool ordered)
    {
        var log = LogOf(line => line.EndsWith($": 100 {lost} so far.", StringComparison.Ordinal));
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => bus.Handle<string>(static (_, _, _) => default, s => Full(s.Named("slow"), mode, ordered)));
        await provider.Bus.PublishAsync("accepted");

        for (var i = 0; i < 123; i++)
        {
            using var gone = new CancellationTokenSource();
            var publish = provider.Bus.PublishAsync("lost", gone.Token).AsTask();
            await gone.CancelAsync();
            await Record.ExceptionAsync(() => publish.Soon());
        }

        await _logged.Task.Soon();
        Assert.Equal(["1", "10", "100"], log.Lines.Where(line => line.EndsWith($" {lost} so far.", StringComparison.Ordinal)).Select(static line => line.Split(' ')[^4]));
        var statistics = Assert.Single(provider.Bus.Subscriptions).Statistics;
        Assert.Equal(123, statistics.Dropped + statistics.Refused + statistics.Missed);
    }

    [Fact]
    public async Task A_key_that_cannot_be_read_is_logged_once_for_its_event()
    {
        var log = LogOf(static line => line.Contains("could not read the key", StringComparison.Ordinal));
        await using var provider = new ServiceCollectionWithLog(log).Build(static bus => bus
            .Handle<string>(static (_, _, _) => default, static s => s.OrderedBy<int>(static _ => throw new InvalidOperationException())));

        await Assert.ThrowsAsync<PublishException>(async () => await provider.Bus.PublishAsync("fact"));

        await _logged.Task.Soon();
        Assert.Single(log.Lines, static line => line.Contains("could not read the key", StringComparison.Ordinal));
    }

    /// <summary>Full with one event, which nobody takes.</summary>
    private static void Full(SubscriptionBuilder<string> subscription, QueueFullMode mode, bool ordered)
    {
        subscription.Capacity(1).WhenFull(mode).StartPaused();
        if (ordered)
            subscription.OrderedBy(static fact => fact);
    }

    private SignallingLog LogOf(Func<string, bool> awaited) => new(awaited, _logged);
}
