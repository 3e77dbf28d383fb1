using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

public sealed class DurableScheduleTests : IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly List<(int Number, DateTimeOffset Time)> _handled = [];

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_scheduled_event_is_published_when_it_is_due_and_gets_its_sequence_and_time_then()
    {
        await using var bus = Bus();
        var due = _clock.GetUtcNow() + s_hour;

        await bus.ScheduleAsync(new Fact(2), s_hour);
        await bus.PublishAsync(new Fact(1));
        await bus.WhenSettled();
        Assert.Equal([1], _handled.Select(static fact => fact.Number));
        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Equal((2, due), _handled[1]);
        Assert.Equal(2, _log.Read(0, 10).Count);
        Assert.Empty(_log.ReadScheduled(10));
    }

    [Fact]
    public async Task A_scheduled_event_survives_a_restart_and_is_published_once()
    {
        await using (var bus = Bus())
        {
            await bus.ScheduleAsync(new Fact(1), s_hour);
            await bus.StopAsync();
        }

        _clock.Advance(2 * s_hour);
        await using var another = Bus();
        await another.StartAsync();
        await another.WhenSettled();
        await another.StopAsync();
        await another.StartAsync();
        await another.WhenSettled();

        Assert.Single(_handled);
    }

    [Fact]
    public async Task A_time_to_live_counts_from_the_due_time_also_where_nobody_was_there_to_publish()
    {
        await using (var bus = Bus())
        {
            await bus.ScheduleAsync(new Fact(1), s_hour, new PublishOptions { TimeToLive = TimeSpan.FromMinutes(10) });
            await bus.ScheduleAsync(new Fact(2), s_hour, new PublishOptions { TimeToLive = 24 * s_hour });
            await bus.StopAsync();
        }

        _clock.Advance(24 * s_hour);
        await using var another = Bus();
        await another.StartAsync();
        await another.WhenSettled();

        Assert.Equal([2], _handled.Select(static fact => fact.Number));
        Assert.Equal(1, another.Subscriptions[0].Statistics.Expired);
    }

    [Fact]
    public async Task Events_that_are_due_together_go_into_the_log_in_order()
    {
        await using var bus = Bus();
        for (var number = 1; number <= 200; number++)
            await bus.ScheduleAsync(new Fact(number), s_hour + TimeSpan.FromTicks(number));

        _clock.Advance(2 * s_hour);
        await bus.WhenSettled();

        // With how many commits is the machine's affair: the writer takes with one what has come in during the one before.
        Assert.Equal(Enumerable.Range(1, 200), _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task A_scheduled_event_that_was_cancelled_is_never_published()
    {
        await using var bus = Bus();
        var scheduled = await bus.ScheduleAsync(new Fact(1), s_hour);

        Assert.True(await bus.CancelScheduledAsync(scheduled));
        Assert.False(await bus.CancelScheduledAsync(scheduled));
        _clock.Advance(2 * s_hour);
        await bus.WhenSettled();

        Assert.Empty(_handled);
    }

    [Fact]
    public async Task Scheduled_events_come_in_order_of_their_due_times()
    {
        await using var bus = Bus();
        for (var i = 0; i < 200; i++)
            await bus.ScheduleAsync(new Fact(i), TimeSpan.FromMinutes(300 - i));

        _clock.Advance(TimeSpan.FromMinutes(400));
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, 200).Reverse(), _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task Of_two_events_of_one_id_the_first_stays_scheduled_also_after_a_restart()
    {
        ScheduledEvent first;
        await using (var bus = Bus())
        {
            first = await bus.ScheduleAsync(new Fact(1), s_hour, new PublishOptions { Id = "a" });
            await bus.StopAsync();
        }

        await using var another = Bus();
        var second = await another.ScheduleAsync(new Fact(2), 2 * s_hour, new PublishOptions { Id = "a" });
        _clock.Advance(3 * s_hour);
        await another.WhenSettled();

        Assert.Equal(first, second);
        Assert.Equal([1], _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task A_fact_that_is_scheduled_again_after_it_was_published_is_stored_once()
    {
        await using var bus = Bus();
        await bus.ScheduleAsync(new Fact(1), s_hour, new PublishOptions { Id = "a" });
        _clock.Advance(s_hour);
        await bus.WhenSettled();

        await bus.ScheduleAsync(new Fact(1), s_hour, new PublishOptions { Id = "a" });
        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Single(_handled);
        Assert.Single(_log.Read(0, 10));
        Assert.Empty(_log.ReadScheduled(10));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_across_a_restart_makes_a_wait_no_longer_than_it_was()
    {
        await using (var bus = Bus())
        {
            await bus.ScheduleAsync(new Fact(1), s_hour);
            await bus.StopAsync();
        }

        var earlier = new FakeTimeProvider(_clock.GetUtcNow() - (24 * s_hour));
        await using var another = Bus(earlier);
        await another.StartAsync();
        await another.WhenQuiet();
        Assert.Empty(_handled);
        earlier.Advance(s_hour);
        await another.WhenSettled();

        Assert.Single(_handled);
    }

    [Fact]
    public async Task A_time_to_live_counts_from_the_due_time()
    {
        await using var bus = Bus();
        await bus.ScheduleAsync(new Fact(1), s_hour, new PublishOptions { TimeToLive = TimeSpan.FromMinutes(1) });

        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Single(_handled);
    }

    [Fact]
    public async Task An_event_whose_scheduling_was_cancelled_while_the_log_was_locked_comes_if_it_is_there()
    {
        using var isOpen = new ManualResetEventSlim();
        var isLocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new FaultyLog(_log);
        await using var bus = Bus(log: log);
        await bus.StartAsync();
        log.Fault = (_, call) =>
        {
            if (call == "Commit" && isLocked.TrySetResult())
                isOpen.Wait(TimeSpan.FromSeconds(60));
            return null;
        };
        using var cancellation = new CancellationTokenSource();

        var scheduling = bus.ScheduleAsync(new Fact(1), s_hour, cancellationToken: cancellation.Token).AsTask();
        await isLocked.Task.Soon();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scheduling);
        isOpen.Set();
        // Committed after it.
        await bus.PublishAsync(new Fact(0));
        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Equal([0, 1], _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task A_stored_time_is_read_from_the_clock_as_it_is_then()
    {
        var clock = new JumpingClock { Jump = -3 * s_hour };
        await using (var bus = Bus(clock))
        {
            await bus.StartAsync();
            clock.Jump = TimeSpan.Zero;
            var byDelay = await bus.ScheduleAsync(new Fact(1), s_hour);
            var byTime = await bus.ScheduleAsync(new Fact(2), clock.GetUtcNow() + (2 * s_hour));

            Assert.Equal((clock.GetUtcNow() + s_hour, clock.GetUtcNow() + (2 * s_hour)), (byDelay.DueTime, byTime.DueTime));
            Assert.Equal([clock.GetUtcNow() + s_hour, clock.GetUtcNow() + (2 * s_hour)], _log.ReadScheduled(10).Select(static scheduled => scheduled.Due));
            Assert.All(_log.ReadScheduled(10), scheduled => Assert.Equal(clock.GetUtcNow(), scheduled.Record.Time));
            clock.Advance(s_hour - TimeSpan.FromMilliseconds(1));
            await bus.WhenQuiet();
            Assert.Empty(_handled);
            clock.Advance(TimeSpan.FromMilliseconds(1));
            await bus.WhenQuiet();
            Assert.Equal([1], _handled.Select(static fact => fact.Number));
            await bus.StopAsync();
        }

        await using var another = Bus(clock);
        await another.StartAsync();
        clock.Advance(s_hour - TimeSpan.FromMilliseconds(1));
        await another.WhenQuiet();
        Assert.Single(_handled);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await another.WhenSettled();
        Assert.Equal([1, 2], _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task After_the_clock_was_set_on_what_is_scheduled_since_comes_when_it_is_due_whatever_stands_before_it()
    {
        var clock = new JumpingClock { Jump = -3 * s_hour };
        await using var bus = Bus(clock);
        for (var number = 0; number < 300; number++)
            await bus.ScheduleAsync(new Fact(number), 2 * s_hour);
        clock.Jump = TimeSpan.Zero;
        await bus.ScheduleAsync(new Fact(1000), s_hour);

        clock.Advance(s_hour);
        await bus.WhenQuiet();

        Assert.Equal([1000], _handled.Select(static fact => fact.Number));
        clock.Advance(s_hour);
        await bus.WhenSettled();
        Assert.Equal([1000, .. Enumerable.Range(0, 300)], _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task What_becomes_due_while_the_schedule_is_read_does_not_overtake_what_was_scheduled_meanwhile()
    {
        var reads = 0;
        var log = new FaultyLog(_log);
        await using var bus = Bus(log: log);
        await bus.ScheduleAsync(new Fact(1), s_hour);
        await bus.ScheduleAsync(new Fact(4), 2 * s_hour);
        log.Done = call =>
        {
            if (call != "ReadScheduled" || Interlocked.Increment(ref reads) > 1)
                return;
            ScheduleAndWait(bus, new Fact(2), TimeSpan.FromMinutes(30));
            ScheduleAndWait(bus, new Fact(3), TimeSpan.FromMinutes(40));
            _clock.Advance(s_hour);
        };

        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3, 4], _handled.Select(static fact => fact.Number));
    }

    // On the thread that reads the log, which stands still meanwhile.
    private static void ScheduleAndWait(IEventBus bus, Fact fact, TimeSpan delay) => bus.ScheduleAsync(fact, delay).AsTask().Wait(TimeSpan.FromSeconds(60));

    private IEventBus Bus(TimeProvider? clock = null, IEventLog? log = null) =>
        new EventBusBuilder()
            .UseEventLog(log ?? _log)
            .UseTimeProvider(clock ?? _clock)
            .Handle<Fact>(
                (fact, context, _) =>
                {
                    _handled.Add((fact.Number, context.Time));
                    return default;
                },
                static s => s.Named("facts").Durable())
            .Build();

    internal sealed record Fact(int Number);
}
