using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>A log that is locked by somebody, or that throws what nobody has foreseen.</summary>
public sealed class UnwillingLogTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];

    [Fact]
    public async Task A_stop_ends_although_somebody_holds_the_lock_and_what_it_could_not_store_comes_again()
    {
        var isLocked = false;
        var locked = new FaultyLog(_log)
        {
            Fault = (_, call) =>
            {
                if (call != "Begin" || !Volatile.Read(ref isLocked))
                    return null;
                // The wait for the lock takes longer than it takes until the next try is due.
                _clock.Advance(5 * s_second);
                return FaultyLog.Transient();
            },
        };
        var bus = Bus(locked);
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        Volatile.Write(ref isLocked, true);

        var stopping = bus.StopAsync(s_second).AsTask();
        _clock.Advance(s_second);
        var receipt = await stopping.Soon();
        Volatile.Write(ref isLocked, false);
        await using var next = Bus(_log.Share());
        await next.StartAsync();
        await next.WhenSettled();

        Assert.True(receipt.IsComplete);
        Assert.Equal([1, 1], _handled);
    }

    [Fact]
    public async Task While_positions_cannot_be_stored_a_subscription_that_has_read_as_far_as_it_may_reads_no_more()
    {
        const int ahead = 16 * 1024;
        var commits = new HeldHandler();
        var isLocked = false;
        var reads = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var filling = Bus(_log, "other"))
        {
            for (var done = 0; done < ahead + 1024; done += 1024)
                await filling.PublishManyAsync(Enumerable.Range(done, 1024).ToArray());
            await filling.WhenSettled();
        }

        _handled.Clear();
        var log = new FaultyLog(_log.Share())
        {
            Fault = (_, call) =>
            {
                if (call == "Read")
                    Interlocked.Increment(ref reads);
                if (call == "Commit" && Volatile.Read(ref isLocked))
                    commits.HoldAsync().AsTask().GetAwaiter().GetResult();
                return null;
            },
        };
        IEventBus? bus = null;
        bus = Bus(
            log,
            onHandled: number =>
            {
                // A commit begins, and takes along a position that is about halfway.
                if (number == ahead / 2)
                {
                    _ = bus!.PublishAsync(ahead + 1024).AsTask();
                    commits.Entered.GetAwaiter().GetResult();
                }

                if (number == ahead - 2)
                    all.TrySetResult();
            });
        await using var ends = bus;
        // What fails below is to be told, and not to hang in the stop.
        using var opened = new Opening(commits);
        bus.Subscriptions[0].Pause();
        await bus.StartAsync();
        await bus.WhenQuiet();
        Volatile.Write(ref isLocked, true);
        bus.Subscriptions[0].Resume();
        await all.Task.Soon();

        // Each look at the log goes through the same thread, one after the other.
        await Look(bus);
        var before = Volatile.Read(ref reads);
        for (var look = 0; look < 20; look++)
            await Look(bus);

        Assert.Equal(before + 20, Volatile.Read(ref reads));
        lock (_handled)
            Assert.Equal(ahead - 1, _handled.Count);
        commits.Open();
        await bus.WhenSettled();
        Assert.Equal(Enumerable.Range(0, ahead + 1025), _handled);

        static async Task Look(IEventBus bus)
        {
            await foreach (var _ in bus.EventLog.ReadAsync(new LogQuery { From = LogPosition.Latest }))
            {
            }
        }
    }

    [Fact]
    public async Task One_that_has_read_as_far_as_it_may_has_its_position_stored_at_once()
    {
        const int events = 20_000;
        await using (var filling = Bus(_log, "other"))
        {
            for (var done = 0; done < events; done += 1000)
                await filling.PublishManyAsync(Enumerable.Range(done, 1000).ToArray());
            await filling.WhenSettled();
        }

        _handled.Clear();
        await using var bus = Bus(_log.Share(), capacity: 1);
        await bus.StartAsync();
        // The clock stands still: nothing is stored because time has passed.
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, events), _handled);
    }

    [Fact]
    public async Task What_a_log_throws_that_is_no_exception_of_its_own_ends_its_use_and_is_told()
    {
        var isBroken = false;
        var log = new FaultyLog(_log) { Fault = (_, call) => call == "Read" && Volatile.Read(ref isBroken) ? new InvalidCastException("a row is odd") : null };
        await using var bus = Bus(log, capacity: 1);
        await bus.StartAsync();
        bus.Subscriptions[0].Pause();
        await bus.PublishManyAsync([1, 2, 3]);
        Volatile.Write(ref isBroken, true);

        bus.Subscriptions[0].Resume();
        await bus.WhenQuiet();
        var error = await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(4));
        Assert.Contains("The event log 'in memory' could not be read: InvalidCastException: a row is odd", error.Message, StringComparison.Ordinal);

        Volatile.Write(ref isBroken, false);
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        await bus.WhenSettled();
        // As after a crash: what was handled and not stored comes again.
        Assert.Equal([1, 2, 3], _handled.Distinct());
    }

    [Fact]
    public async Task What_a_schedule_throws_that_is_no_exception_of_the_logs_ends_its_use_and_is_told()
    {
        var log = new FaultyLog(_log) { Fault = static (_, call) => call == "ReadScheduled" ? new InvalidCastException("a row is odd") : null };
        await using var bus = Bus(log);
        await bus.StartAsync();
        await bus.WhenQuiet();

        var error = await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(4));

        Assert.Contains("The schedule in the event log could not be read: InvalidCastException: a row is odd", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(IEventLog log, string name = "facts", int? capacity = null, Action<int>? onHandled = null) => new EventBusBuilder()
        .UseEventLog(log)
        .UseTimeProvider(_clock)
        .Handle<int>(
            (number, _, _) =>
            {
                lock (_handled)
                    _handled.Add(number);
                onHandled?.Invoke(number);
                return default;
            },
            s =>
            {
                s.Named(name).Durable(LogPosition.Earliest);
                if (capacity is { } room)
                    s.Capacity(room);
            })
        .Build();

    private sealed class Opening(HeldHandler commits) : IDisposable
    {
        public void Dispose() => commits.Open();
    }
}
