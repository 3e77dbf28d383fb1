using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using EventBus.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

public sealed class RetentionTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task The_oldest_events_go_while_there_are_more_than_may_be()
    {
        await using var bus = Bus();
        await PublishAsync(bus, 1500);

        var removed = await bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 100 });

        Assert.Equal(1400, removed);
        Assert.Equal(Enumerable.Range(1401, 100).Select(static number => (long)number), _log.Read(0, 1000).Select(static record => record.Sequence));
    }

    [Fact]
    public async Task Events_go_when_they_are_too_old()
    {
        await using var bus = Bus();
        await PublishAsync(bus, 10);
        _clock.Advance(TimeSpan.FromHours(2));
        await PublishAsync(bus, 5);

        Assert.Equal(10, await bus.EventLog.RetainAsync(new LogRetention { MaxAge = TimeSpan.FromHours(1) }));
        Assert.Equal(5, _log.ReadStatistics().Events);
    }

    [Fact]
    public async Task Events_go_when_they_are_too_old_although_an_earlier_one_is_of_a_time_to_come()
    {
        var clock = new JumpingClock { Jump = TimeSpan.FromDays(365) };
        await using var bus = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(clock).AddEvent<Fact>(static e => e.Logged()).Build();
        await PublishAsync(bus, 1);
        clock.Jump = TimeSpan.Zero;
        await PublishAsync(bus, 10);
        clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(10, await bus.EventLog.RetainAsync(new LogRetention { MaxAge = TimeSpan.FromHours(1) }));
        Assert.Equal([1], _log.Read(0, 10).Select(static record => record.Sequence));
    }

    [Fact]
    public async Task What_a_subscription_has_not_settled_stays()
    {
        await using var bus = Bus(failsAt: 3);
        await PublishAsync(bus, 10);

        var removed = await bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 });

        Assert.Equal(3, removed);
        Assert.Equal(4, _log.ReadStatistics().Oldest);
    }

    [Fact]
    public async Task What_a_replay_is_about_to_deliver_stays_although_the_bound_was_found_before_the_replay_was_written()
    {
        var (writer, reader) = (new HeldHandler(), new HeldHandler());
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (holdsWriter, holdsReader, isMoving) = (false, false, false);
        var log = new FaultyLog(_log) { Saving = _ => Volatile.Write(ref isMoving, true) };
        await using var bus = Configure(new EventBusBuilder(), log: log).Build();
        await PublishAsync(bus, 10);
        _handled.Clear();
        Volatile.Write(ref isMoving, false);
        log.Fault = (_, call) =>
        {
            if (call == "Begin" && Volatile.Read(ref holdsWriter))
                writer.HoldAsync().AsTask().GetAwaiter().GetResult();
            // By then it knows what nobody needs, and asks how much there is.
            if (call == "ReadStatistics" && Volatile.Read(ref holdsReader))
                reader.HoldAsync().AsTask().GetAwaiter().GetResult();
            if (call == "Committed" && Volatile.Read(ref isMoving))
                moved.TrySetResult();
            return null;
        };

        Volatile.Write(ref holdsWriter, true);
        var replaying = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask();
        await writer.Entered;
        Volatile.Write(ref holdsReader, true);
        var retaining = bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 }).AsTask();
        await reader.Entered;
        Volatile.Write(ref holdsWriter, false);
        writer.Open();
        await moved.Task.Soon();
        Volatile.Write(ref holdsReader, false);
        reader.Open();
        await replaying.Soon();
        await retaining.Soon();
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, 10), _handled);
    }

    [Fact]
    public Task Nothing_that_a_replay_has_to_deliver_goes_after_it_has_begun_whatever_a_retention_does_meanwhile() => Interleavings.RunAsync(500, static async _ =>
    {
        using var log = new InMemoryEventLog();
        var replayed = new List<long>();
        await using var bus = new EventBusBuilder().UseEventLog(log).Handle<int>(
            (_, context, _) =>
            {
                if (context.IsReplay)
                    replayed.Add(context.Sequence!.Value);
                return default;
            },
            static s => s.Named("facts").Durable()).Build();
        await bus.PublishManyAsync([1, 2, 3, 4, 5]);
        await bus.StopAsync();
        await bus.StartAsync();

        var replaying = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask();
        var retaining = bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 }).AsTask();
        await replaying;
        var left = log.Read(0, 100).Select(static record => record.Sequence).ToList();
        await retaining;
        await bus.WhenSettled();

        Assert.Equal(left, replayed.Intersect(left));
    });

    [Fact]
    public async Task What_nobody_claims_any_more_stays_too()
    {
        await using (var bus = Bus(name: "gone"))
        {
            await bus.StartAsync();
            await bus.StopAsync();
        }

        await using var another = Bus(name: "other");
        await PublishAsync(another, 10);

        Assert.Equal(0, await another.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 }));
    }

    [Fact]
    public async Task Unread_events_go_only_where_that_is_asked_for_and_it_is_told_who_loses_them()
    {
        var log = new SignallingLog(static _ => false, new TaskCompletionSource());
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => Configure(bus));
        var bus = provider.Bus;
        await bus.StartAsync();
        bus.Subscriptions[0].Pause();
        for (var i = 0; i < 10; i++)
            await bus.PublishAsync(new Fact(i));

        var removed = await bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 4, EvenUnread = true });

        Assert.Equal(6, removed);
        Assert.Contains(log.Lines, static line => line.Contains("Durable subscription facts loses what it had not read from event 1 on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_bus_looks_by_itself_again_and_again()
    {
        var removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new SignallingLog(static line => line.StartsWith("8 events were removed", StringComparison.Ordinal), removed);
        await using var provider = new ServiceCollectionWithLog(log).Build(bus => Configure(bus, retention: new LogRetention { MaxEvents = 2, Every = TimeSpan.FromMinutes(5) }));
        await PublishAsync(provider.Bus, 10);

        _clock.Advance(TimeSpan.FromMinutes(5));
        await removed.Task.Soon();

        Assert.Equal(2, _log.ReadStatistics().Events);
    }

    [Fact]
    public void Bounds_of_a_retention_are_checked_when_it_is_given()
    {
        var bus = new EventBusBuilder();

        Assert.StartsWith("LogRetention.MaxAge is 00:00:00, and must be positive. Leave it out to keep events of any age.", Assert.Throws<ArgumentException>(() => bus.Retain(new() { MaxAge = TimeSpan.Zero })).Message);
        Assert.StartsWith("LogRetention.MaxEvents is 0, and must be at least 1. Leave it out to keep any number of events.", Assert.Throws<ArgumentException>(() => bus.Retain(new() { MaxEvents = 0 })).Message);
        Assert.StartsWith("LogRetention.MaxBytes is 0, and must be at least 1. Leave it out to keep a log of any size.", Assert.Throws<ArgumentException>(() => bus.Retain(new() { MaxBytes = 0 })).Message);
        Assert.StartsWith("LogRetention.Every is 00:00:00, and must be positive.", Assert.Throws<ArgumentException>(() => bus.Retain(new() { Every = TimeSpan.Zero })).Message);
    }

    private static async Task PublishAsync(IEventBus bus, int count)
    {
        await bus.PublishManyAsync([.. Enumerable.Range(0, count).Select(static number => new Fact(number))]);
        await bus.WhenQuiet();
        // Positions ride on the next commit, and a stop is one.
        await bus.StopAsync();
        await bus.StartAsync();
    }

    private IEventBus Bus(int? failsAt = null, string name = "facts") => Configure(new EventBusBuilder(), failsAt, name).Build();

    private EventBusBuilder Configure(EventBusBuilder builder, int? failsAt = null, string name = "facts", LogRetention? retention = null, IEventLog? log = null)
    {
        if (retention is not null)
            builder.Retain(retention);
        return builder.UseEventLog(log ?? _log).UseTimeProvider(_clock).Handle<Fact>(
            (fact, _, _) =>
            {
                _handled.Add(fact.Number);
                return fact.Number == failsAt ? throw new InvalidOperationException() : default;
            },
            s => s.Named(name).Durable());
    }

    internal sealed record Fact(int Number);
}
