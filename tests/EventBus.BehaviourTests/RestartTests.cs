using System.Threading.Channels;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>A bus that was stopped and is started again goes on where it was.</summary>
public abstract class RestartTests(DeliveryMode mode)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_paused_subscription_keeps_its_queue_and_stays_paused()
    {
        var handled = new List<int>();
        await using var bus = Bus(
            (number, _, _) =>
            {
                handled.Add(number);
                return default;
            },
            static s => s.StartPaused());
        await bus.PublishManyAsync([1, 2, 3]);

        var receipt = await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        await bus.PublishAsync(4);
        await bus.WhenQuiet();
        Assert.Equal(3, Assert.Single(receipt.Subscriptions).Left(mode));
        Assert.Empty(handled);

        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();
        Assert.Equal([1, 2, 3, 4], handled);
    }

    [Fact]
    public async Task A_parked_retry_keeps_its_time_and_its_attempts()
    {
        var attempts = new List<int>();
        await using var bus = Bus(FailTwice(attempts), static s => s.Retry(RetryPolicy.Fixed(3, s_minute)));
        await bus.PublishAsync(1);
        await bus.WhenQuiet();

        var receipt = await bus.StopAsync().AsTask().Soon();
        _clock.Advance(s_minute / 2);
        await bus.StartAsync();
        _clock.Advance((s_minute / 2) - TimeSpan.FromSeconds(1));
        await bus.WhenQuiet();
        Assert.Equal(1, Assert.Single(receipt.Subscriptions).Left(mode));
        Assert.Equal([1], attempts);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenQuiet();
        Assert.Equal([1, 2], attempts);

        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        _clock.Advance(s_minute);
        await bus.WhenSettled();
        Assert.Equal([1, 2, 3], attempts);
    }

    [Fact]
    public async Task A_retry_that_became_due_meanwhile_begins_with_the_start()
    {
        var attempts = new List<int>();
        await using var bus = Bus(FailTwice(attempts), static s => s.Retry(RetryPolicy.Fixed(2, s_minute)));
        await bus.PublishAsync(1);
        await bus.WhenQuiet();

        await bus.StopAsync().AsTask().Soon();
        _clock.Advance(s_minute);
        await bus.WhenQuiet();
        Assert.Equal([1], attempts);

        await bus.StartAsync();
        await bus.WhenSettled();
        Assert.Equal([1, 2], attempts);
    }

    [Fact]
    public async Task What_a_handler_publishes_in_the_very_moment_of_the_start_is_accepted()
    {
        for (var round = 0; round < 200; round++)
        {
            var clock = new FakeTimeProvider();
            await using var bus = new EventBusBuilder()
                .In(mode)
                .UseTimeProvider(clock)
                .Handle<int>(
                    static (_, context, token) => context.Attempt == 1 ? throw new InvalidOperationException() : context.Publisher.PublishAsync("follow-up", token),
                    s => s.In(mode, "publishes").Retry(RetryPolicy.Fixed(2, s_minute)))
                .Handle<string>(static (_, _, _) => default, s => s.In(mode, "gets"))
                .Build();
            await bus.PublishAsync(1);
            await bus.WhenQuiet();
            await bus.StopAsync().AsTask().Soon();
            clock.Advance(s_minute);

            await bus.StartAsync();
            await bus.WhenSettled();

            Assert.Equal([1, 1], bus.Subscriptions.Select(static subscription => subscription.Statistics.Handled));
        }
    }

    [Fact]
    public async Task Scheduled_events_are_named_and_come_at_their_time_or_at_once_if_that_is_over()
    {
        var handled = Channel.CreateUnbounded<int>();
        await using var bus = Bus((minutes, _, _) => handled.Writer.WriteAsync(minutes, CancellationToken.None));
        var scheduled = new List<ScheduledEvent>();
        foreach (var minutes in new[] { 1, 3 })
            scheduled.Add(await bus.ScheduleAsync(minutes, minutes * s_minute));

        await using var running = Bus((minutes, _, _) => handled.Writer.WriteAsync(-minutes, CancellationToken.None));
        await running.ScheduleAsync(1, s_minute);

        var receipt = await bus.StopAsync().AsTask().Soon();
        _clock.Advance(2 * s_minute);
        Assert.Equal(-1, await handled.Reader.ReadAsync().AsTask().Soon());
        await bus.StartAsync();

        Assert.Equal(mode.LeftInMemory(scheduled), receipt.StillScheduled);
        Assert.Equal(receipt.StillScheduled.Count == 0, receipt.IsComplete);
        Assert.Equal(1, await handled.Reader.ReadAsync().AsTask().Soon());
        _clock.Advance(s_minute);
        Assert.Equal(3, await handled.Reader.ReadAsync().AsTask().Soon());
    }

    [Fact]
    public async Task A_scheduled_event_lives_from_its_due_time_also_while_the_bus_is_stopped()
    {
        var handled = new List<int>();
        await using var bus = Bus((minutes, _, _) =>
        {
            handled.Add(minutes);
            return default;
        });
        await bus.ScheduleAsync(1, s_minute, new PublishOptions { TimeToLive = s_minute });
        await bus.ScheduleAsync(2, s_minute, new PublishOptions { TimeToLive = 5 * s_minute });

        await bus.StopAsync().AsTask().Soon();
        _clock.Advance(3 * s_minute);
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([2], handled);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Expired);
    }

    [Fact]
    public async Task Scheduled_events_that_become_due_at_the_very_start_are_published_once()
    {
        const int events = 500;
        var held = new HeldHandler(events);
        var published = 0;
        await using var bus = Bus(
            (_, _, _) =>
            {
                Interlocked.Increment(ref published);
                return held.HoldAsync();
            },
            static s => s.Inline());
        for (var number = 0; number < events; number++)
            await bus.ScheduleAsync(number, s_minute);
        await bus.StopAsync().AsTask().Soon();

        _clock.Advance(s_minute);
        await bus.StartAsync();
        await held.Entered;
        held.Open();
        await bus.WhenSettled();

        Assert.Equal(events, published);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_a_stop_cut_off_is_handled_in_its_order_after_the_start(bool ordered, bool startsWhileTheFirstStillRuns)
    {
        var held = new HeldHandler();
        var handled = new List<(int Number, bool IsCancelled)>();
        await using var bus = Bus(
            (number, _, token) =>
            {
                handled.Add((number, token.IsCancellationRequested));
                return number == 1 ? held.HoldAsync() : default;
            },
            s =>
            {
                if (ordered)
                    s.OrderedBy(static _ => "key");
            });
        await bus.PublishManyAsync([1, 2, 3]);
        await held.Entered;

        var receipt = await bus.StopAsync(cancellationToken: new CancellationToken(canceled: true)).AsTask().Soon();
        if (startsWhileTheFirstStillRuns)
            await bus.StartAsync();
        held.Open();
        if (!startsWhileTheFirstStillRuns)
        {
            await bus.WhenQuiet();
            Assert.Single(handled);
            await bus.StartAsync();
        }

        await bus.WhenSettled();
        Assert.Equal(3, Assert.Single(receipt.Subscriptions).Left(mode));
        Assert.Equal([.. Enumerable.Repeat(1, mode.BeginsAcrossAStop()), 2, 3], handled.Select(static one => one.Number));
        Assert.DoesNotContain(handled, static one => one.IsCancelled);
    }

    [Fact]
    public async Task A_bus_that_is_stopping_cannot_be_started_until_it_has_stopped()
    {
        var held = new HeldHandler();
        await using var bus = Bus((_, _, _) => held.HoldAsync());
        await bus.PublishAsync(1);
        await held.Entered;

        var stopping = bus.StopAsync().AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.StartAsync());
        held.Open();
        await stopping.Soon();
        await bus.StartAsync();

        await bus.PublishAsync(2);
        await bus.WhenSettled();
        Assert.Equal(2, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task A_dead_letter_that_is_redriven_while_the_bus_is_stopped_is_kept()
    {
        await using var bus = Bus(static (_, context, _) => context.Attempt == 1 ? throw new DoNotRetryException() : default);
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        await bus.StopAsync().AsTask().Soon();

        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.DeadLetters.RedriveAsync(letter.Id));
        await bus.StartAsync();

        Assert.Equal(letter.Id, Assert.Single(await bus.DeadLetters.ListAsync()).Id);
    }

    private static Func<int, EventContext, CancellationToken, ValueTask> FailTwice(List<int> attempts) => (_, context, _) =>
    {
        attempts.Add(context.Attempt);
        return context.Attempt < 3 ? throw new InvalidOperationException() : default;
    };

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask> handler, Action<SubscriptionBuilder<int>>? configure = null) =>
        new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle(handler, s => (configure ?? (static _ => { }))(s.In(mode)))
            .Build();

    public sealed class Queued() : RestartTests(DeliveryMode.Queued);

    public sealed class Durable() : RestartTests(DeliveryMode.Durable);
}
