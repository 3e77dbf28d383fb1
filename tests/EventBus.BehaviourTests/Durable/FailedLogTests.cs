using EventBus.BehaviourTests.Support;
using EventBus.Routing;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>What a failure of the log must not leave behind. The clock stands still: nothing here may need time.</summary>
public sealed class FailedLogTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly InMemoryEventLog _disk = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];
    private readonly FaultyLog _log;

    public FailedLogTests() => _log = new FaultyLog(_disk);

    [Fact]
    public async Task A_start_that_fails_leaves_nothing_that_goes_on_and_can_be_tried_again()
    {
        await using var bus = Bus((_, context, _) => context.Attempt == 1 ? throw new InvalidOperationException() : default, withAnother: true);
        await bus.PublishAsync(1);
        await bus.WhenQuiet();
        await bus.StopAsync().AsTask().Soon();
        var reads = 0;
        _log.Fault = (_, call) => call == "ReadDeliveries" && ++reads == 2 ? FaultyLog.Transient() : null;

        await Assert.ThrowsAsync<EventLogException>(async () => await bus.StartAsync());
        var calls = _log.Calls;
        _clock.Advance(s_second);
        Assert.Equal(calls, _log.Calls);
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task A_stop_after_a_start_that_failed_ends_at_once()
    {
        _log.Fault = static (_, call) => call == "ReadDeliveries" ? FaultyLog.Fatal() : null;
        await using var bus = Bus();
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.StartAsync());

        await bus.StopAsync().AsTask().Soon();
        _log.Fault = static (_, _) => null;
        await bus.StartAsync();
        await bus.PublishAsync(1);
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task A_start_tells_what_made_it_fail_also_where_the_log_cannot_be_closed_then()
    {
        _log.Fault = static (_, call) => call == "Commit" ? FaultyLog.Transient() : call == "Close" ? FaultyLog.Fatal() : null;
        await using var bus = Bus();

        var error = await Assert.ThrowsAsync<EventLogException>(async () => await bus.StartAsync());

        Assert.True(error.IsTransient);
        _log.Fault = static (_, _) => null;
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_read_for_good_stops_all_that_is_durable()
    {
        await using var bus = Bus();
        await bus.ScheduleAsync(1, s_second);
        // The start's own look at the schedule is over.
        await bus.WhenQuiet();
        _log.Fault = static (_, call) => call == "ReadScheduled" ? FaultyLog.Fatal() : null;

        _clock.Advance(s_second);
        await bus.WhenQuiet();
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(2));
        _log.Fault = static (_, _) => null;
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task A_replay_that_cannot_read_where_it_stands_stops_all_that_is_durable()
    {
        await using var bus = Bus();
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        _log.Fault = static (_, call) => call == "ReadSubscriptions" ? FaultyLog.Fatal() : null;

        await Assert.ThrowsAsync<EventLogException>(async () => await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask().Soon());
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(2));
        _log.Fault = static (_, _) => null;
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1, 1], _handled);
    }

    [Fact]
    public async Task A_replay_delivers_nothing_from_a_log_that_has_failed()
    {
        for (var round = 0; round < 50; round++)
        {
            using var log = new InMemoryEventLog();
            var faulty = new FaultyLog(log);
            _handled.Clear();
            await using var bus = Bus(log: faulty);
            await bus.PublishAsync(1);
            await bus.WhenSettled();
            faulty.Fault = static (_, call) => call == "Begin" ? FaultyLog.Fatal() : null;

            await Assert.ThrowsAsync<EventLogException>(async () => await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask().Soon());
            await bus.StopAsync().AsTask().Soon();

            Assert.Equal([1], _handled);
        }
    }

    [Fact]
    public async Task A_log_that_throws_what_it_may_not_stops_all_that_is_durable_and_holds_up_no_stop()
    {
        await using var bus = Bus(static (_, _, _) => throw new DoNotRetryException("no"));
        var buries = false;
        _log.Fault = (_, call) =>
        {
            buries |= call == "AddDeadLetter";
            return buries && call == "Commit" ? new InvalidOperationException("This is not what a log throws.") : null;
        };

        await bus.PublishAsync(1);
        await bus.WhenQuiet();
        await bus.StopAsync().AsTask().Soon();
        _log.Fault = static (_, _) => null;
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal(1, (int)Assert.Single(await bus.DeadLetters.ListAsync()).Event);
    }

    [Fact]
    public async Task A_redrive_that_a_start_has_found_in_the_log_is_not_begun_a_second_time()
    {
        var failing = true;
        await using var bus = Bus((_, _, _) => Volatile.Read(ref failing) ? throw new DoNotRetryException("no") : default);
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        Volatile.Write(ref failing, false);
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        var subscription = (DurableSubscription)bus.Subscriptions[0];

        subscription.Pause();
        await bus.DeadLetters.RedriveAsync(letter.Id);
        // As a redrive does whose commit a replay has overtaken.
        subscription.Redrive(1, letter.Id, null);
        subscription.Resume();
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    public void Dispose() => _disk.Dispose();

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask>? handler = null, bool withAnother = false, IEventLog? log = null)
    {
        var builder = new EventBusBuilder().UseEventLog(log ?? _log).UseTimeProvider(_clock).Handle<int>(
            async (number, context, token) =>
            {
                if (handler is not null)
                    await handler(number, context, token);
                lock (_handled)
                    _handled.Add(number);
            },
            static s => s.Named("facts").Durable().Retry(RetryPolicy.Fixed(3, s_second)));
        return (withAnother ? builder.Handle<int>(static (_, _, _) => default, static s => s.Named("others").Durable()) : builder).Build();
    }
}
