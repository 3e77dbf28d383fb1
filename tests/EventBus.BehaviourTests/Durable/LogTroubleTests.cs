using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>What the bus logs of its event log's troubles, and what it does then.</summary>
public sealed class LogTroubleTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryEventLog _disk = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];
    private readonly FaultyLog _log;

    public LogTroubleTests() => _log = new FaultyLog(_disk);

    [Fact]
    public async Task A_reading_that_fails_for_good_stops_all_that_is_durable_and_is_told()
    {
        var failed = NewSignal();
        var lines = new SignallingLog(static line => line.StartsWith("The event log in memory failed", StringComparison.Ordinal), failed);
        await using var provider = Build(lines, static s => s.Capacity(1));
        var bus = provider.Bus;
        await bus.StartAsync();
        bus.Subscriptions[0].Pause();
        await bus.PublishManyAsync([1, 2, 3]);
        _log.Fault = static (_, call) => call == "Read" ? FaultyLog.Fatal() : null;

        bus.Subscriptions[0].Resume();
        await failed.Task.Soon();
        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(4));

        Assert.Contains("The event log could not be read for subscription facts.", lines.Lines);
        _log.Fault = static (_, _) => null;
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        await bus.WhenSettled();
        Assert.Equal([1, 2, 3], _handled.Distinct());
    }

    [Fact]
    public async Task A_log_that_cannot_be_closed_is_told_and_the_stop_ends()
    {
        var lines = Lines();
        await using var provider = Build(lines);
        await provider.Bus.PublishAsync(1);
        await provider.Bus.WhenSettled();
        _log.Fault = static (_, call) => call == "Close" ? FaultyLog.Fatal() : null;

        var receipt = await provider.Bus.StopAsync().AsTask().Soon();
        _log.Fault = static (_, _) => null;
        await provider.Bus.StartAsync();

        Assert.True(receipt.IsComplete);
        Assert.Contains("The event log in memory could not be closed. Nothing that was acknowledged is lost; the next start treats it as after a crash.", lines.Lines);
        Assert.Contains(lines.Lines, static line => line.StartsWith("The event log in memory was not closed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_retention_that_fails_is_told_and_tried_again_and_tells_what_it_removed()
    {
        var failed = NewSignal();
        var removed = NewSignal();
        var lines = new SignallingLog(
            line =>
            {
                if (line == "Old events could not be removed from the event log. It is tried again.")
                    failed.TrySetResult();
                return line == "8 events were removed from the event log, as its retention allows.";
            },
            removed);
        await using var provider = Build(lines, retention: new LogRetention { MaxEvents = 2, Every = s_minute });
        var bus = provider.Bus;
        await bus.PublishManyAsync([.. Enumerable.Range(0, 10)]);
        await bus.WhenSettled();
        // Positions ride on the next commit, and a stop is one.
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        _log.Fault = static (_, call) => call == "ReadStatistics" ? FaultyLog.Transient() : null;

        _clock.Advance(s_minute);
        await failed.Task.Soon();
        Assert.Equal(10, _disk.ReadStatistics().Events);
        _log.Fault = static (_, _) => null;
        await lines.AdvanceUntilAsync(_clock, s_minute, removed.Task);

        Assert.Equal(2, _disk.ReadStatistics().Events);
    }

    [Fact]
    public async Task A_start_that_fails_anywhere_and_is_repeated_delivers_nothing_twice_and_nothing_less()
    {
        for (var failing = 1; ; failing++)
        {
            using var disk = new InMemoryEventLog();
            await using (var filling = Build(Lines(), log: disk))
            {
                await filling.Bus.StartAsync();
                filling.Bus.Subscriptions[0].Pause();
                await filling.Bus.PublishManyAsync([1, 2, 3]);
                await filling.Bus.StopAsync().AsTask().Soon();
            }

            _handled.Clear();
            var log = new FaultyLog(disk);
            var first = failing;
            log.Fault = (number, _) => number == first ? FaultyLog.Transient() : null;
            await using var provider = Build(Lines(), log: log);
            var error = await Record.ExceptionAsync(async () => await provider.Bus.StartAsync());
            log.Fault = static (_, _) => null;
            if (error is null)
            {
                // The start itself makes no more calls than those that have failed in turn.
                Assert.True(failing > 3);
                return;
            }

            await provider.Bus.StartAsync();
            await provider.Bus.WhenSettled();

            Assert.Equal([1, 2, 3], _handled);
        }
    }

    public void Dispose() => _disk.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static SignallingLog Lines() => new(static _ => false, new TaskCompletionSource());

    private ProviderWithBus Build(SignallingLog lines, Action<SubscriptionBuilder<int>>? configure = null, LogRetention? retention = null, IEventLog? log = null) =>
        new ServiceCollectionWithLog(lines).Build(bus =>
        {
            if (retention is not null)
                bus.Retain(retention);
            bus.UseEventLog(log ?? _log).UseTimeProvider(_clock).Handle<int>(
                (number, _, _) =>
                {
                    lock (_handled)
                        _handled.Add(number);
                    return default;
                },
                s =>
                {
                    s.Named("facts").Durable();
                    configure?.Invoke(s);
                });
        });
}
