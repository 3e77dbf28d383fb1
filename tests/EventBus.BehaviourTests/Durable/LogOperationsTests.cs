using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>What <see cref="IEventBus.EventLog"/> does, beside replays and retention.</summary>
public sealed class LogOperationsTests : IDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly InMemoryEventLog _disk = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];
    private readonly FaultyLog _log;

    public LogOperationsTests() => _log = new FaultyLog(_disk);

    [Fact]
    public async Task A_backup_is_written_where_it_was_asked_for()
    {
        await using var bus = Bus();
        await bus.StartAsync();

        await bus.EventLog.BackupAsync("copy.db").AsTask().Soon();

        Assert.Equal(["copy.db"], _log.Copies);
        await Assert.ThrowsAsync<ArgumentException>(async () => await bus.EventLog.BackupAsync(""));
    }

    [Fact]
    public async Task A_backup_that_fails_is_told_to_whoever_asked_and_the_bus_goes_on()
    {
        await using var bus = Bus();
        _log.Work = static (_, _) => throw new NotSupportedException("This log cannot be copied.");
        await bus.StartAsync();

        var error = await Assert.ThrowsAsync<NotSupportedException>(async () => await bus.EventLog.BackupAsync("copy.db"));
        await bus.PublishAsync(1);
        await bus.WhenSettled();

        Assert.Equal("This log cannot be copied.", error.Message);
        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task A_check_gives_what_the_log_has_found()
    {
        await using var bus = Bus();
        await bus.StartAsync();

        Assert.Empty(await bus.EventLog.CheckIntegrityAsync());
        _log.Damage = ["page 7 is odd"];
        Assert.Equal(["page 7 is odd"], await bus.EventLog.CheckIntegrityAsync());
    }

    [Fact]
    public async Task Operations_need_a_bus_that_is_started()
    {
        await using var bus = Bus();

        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.EventLog.BackupAsync("copy.db"));
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.EventLog.CheckIntegrityAsync());
        await Assert.ThrowsAsync<EventBusStoppedException>(async () => await bus.EventLog.GetSubscriptionsAsync());
    }

    [Fact]
    public async Task All_subscriptions_that_the_log_knows_are_listed_with_where_they_stand()
    {
        await using (var earlier = Bus("gone"))
        {
            await earlier.PublishManyAsync([1, 2]);
            await earlier.WhenSettled();
            await earlier.StopAsync().AsTask().Soon();
        }

        await using var bus = Bus();
        await bus.StartAsync();

        var subscriptions = await bus.EventLog.GetSubscriptionsAsync();

        Assert.Equal([("facts", 2L), ("gone", 2L)], subscriptions.Select(static subscription => (subscription.Name, subscription.Position)));
        Assert.All(subscriptions, static subscription => Assert.Single(subscription.EventTypes));
    }

    [Fact]
    public async Task A_new_subscription_that_begins_at_a_time_gets_what_was_published_then_or_later()
    {
        var times = await PublishByTheHourAsync();

        Assert.Equal([2, 3], await HandledFromAsync("second", LogPosition.Time(times[1])));
        Assert.Equal([3], await HandledFromAsync("after-the-second", LogPosition.Time(times[1].AddMilliseconds(1))));
        Assert.Empty(await HandledFromAsync("after-all", LogPosition.Time(times[2] + s_hour)));
        Assert.Equal([1, 2, 3], await HandledFromAsync("before-all", LogPosition.Time(DateTimeOffset.MinValue)));
    }

    [Fact]
    public async Task A_replay_from_a_time_delivers_what_was_published_then_or_later_again()
    {
        var times = await PublishByTheHourAsync();
        await using var bus = Bus();
        await bus.StartAsync();
        _handled.Clear();

        await bus.EventLog.ReplayAsync("facts", LogPosition.Time(times[1]));
        await bus.WhenSettled();

        Assert.Equal([2, 3], _handled);
    }

    [Fact]
    public async Task A_reading_from_a_time_gives_what_was_published_then_or_later()
    {
        var times = await PublishByTheHourAsync();
        await using var bus = Bus();
        await bus.StartAsync();
        var read = new List<object>();

        await foreach (var logged in bus.EventLog.ReadAsync(new LogQuery { From = LogPosition.Time(times[1]) }))
            read.Add(logged.Event);

        Assert.Equal([2, 3], read);
    }

    public void Dispose() => _disk.Dispose();

    private async Task<List<DateTimeOffset>> PublishByTheHourAsync()
    {
        await using var bus = Bus();
        for (var number = 1; number <= 3; number++)
        {
            await bus.PublishAsync(number);
            _clock.Advance(s_hour);
        }

        await bus.WhenSettled();
        await bus.StopAsync().AsTask().Soon();
        return [.. _disk.Read(0, 10).Select(static record => record.Time)];
    }

    private async Task<List<int>> HandledFromAsync(string name, LogPosition from)
    {
        _handled.Clear();
        await using var bus = Bus(name, from);
        await bus.StartAsync();
        await bus.WhenSettled();
        await bus.StopAsync().AsTask().Soon();
        return [.. _handled];
    }

    private IEventBus Bus(string name = "facts", LogPosition from = default) => new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock).Handle<int>(
        (number, _, _) =>
        {
            lock (_handled)
                _handled.Add(number);
            return default;
        },
        s => s.Named(name).Durable(from)).Build();
}
