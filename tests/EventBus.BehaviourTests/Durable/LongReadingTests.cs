using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>Backups and checks take the one thread that reads the log for long. The clock stands still.</summary>
public sealed class LongReadingTests : IDisposable
{
    private readonly InMemoryEventLog _disk = new();
    private readonly FaultyLog _log;
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LongReadingTests() => _log = new FaultyLog(_disk) { Work = UntilCancelled };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_ends_what_takes_long_and_says_so_to_whoever_waits_for_it(bool isBackup)
    {
        await using var bus = Bus();
        await bus.StartAsync();
        var reading = Long(bus, isBackup);
        await _begun.Task.Soon();

        await bus.StopAsync().AsTask().Soon();

        var error = await Assert.ThrowsAsync<EventBusStoppedException>(() => reading.Soon());
        Assert.Equal("The bus is stopping, and has ended what read its event log for long. Ask again when it is started.", error.Message);
        Assert.Empty(_log.Copies);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_cancels_what_takes_long_gives_the_thread_back_to_the_others(bool isBackup)
    {
        await using var bus = Bus();
        await bus.StartAsync();
        using var source = new CancellationTokenSource();
        var reading = Long(bus, isBackup, source.Token);
        await _begun.Task.Soon();

        await source.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Soon());
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Equal(0, (await bus.EventLog.GetStatisticsAsync().AsTask().Soon()).Events);
    }

    [Fact]
    public async Task Who_cancels_before_its_turn_does_not_wait_for_those_before_it()
    {
        await using var bus = Bus();
        await bus.StartAsync();
        var first = Long(bus, isBackup: false);
        await _begun.Task.Soon();
        using var source = new CancellationTokenSource();
        var second = Long(bus, isBackup: true, source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon());
        Assert.False(first.IsCompleted);
        await bus.StopAsync().AsTask().Soon();
        await Assert.ThrowsAsync<EventBusStoppedException>(() => first.Soon());
    }

    [Fact]
    public async Task A_bus_that_is_started_again_after_a_stop_that_ended_a_check_checks_again()
    {
        await using var bus = Bus();
        await bus.StartAsync();
        var check = Long(bus, isBackup: false);
        await _begun.Task.Soon();
        await bus.StopAsync().AsTask().Soon();
        await Assert.ThrowsAsync<EventBusStoppedException>(() => check.Soon());
        _log.Work = static (_, _) => { };

        await bus.StartAsync();

        Assert.Empty(await bus.EventLog.CheckIntegrityAsync().AsTask().Soon());
    }

    [Theory]
    [InlineData("Read")]
    [InlineData("ReadSequenceAt")]
    [InlineData("ReadDeadLetters")]
    [InlineData("ReadDeadLetterCount")]
    public async Task A_stop_ends_a_reading_that_finds_nothing_in_a_large_log(string scan)
    {
        await using var bus = Bus();
        await bus.StartAsync();
        _log.Scan = UntilCancelled;
        var reading = Scan(bus, scan);
        await _begun.Task.Soon();

        await bus.StopAsync().AsTask().Soon();

        await Assert.ThrowsAsync<EventBusStoppedException>(() => reading.Soon());
        _log.Scan = static (_, _) => { };
        await bus.StartAsync();
        await Scan(bus, scan).Soon();
    }

    [Theory]
    [InlineData("Read")]
    [InlineData("ReadSequenceAt")]
    [InlineData("ReadDeadLetters")]
    [InlineData("ReadDeadLetterCount")]
    public async Task Who_cancels_a_reading_gives_the_thread_back_to_the_others(string scan)
    {
        await using var bus = Bus();
        await bus.StartAsync();
        _log.Scan = UntilCancelled;
        using var source = new CancellationTokenSource();
        var reading = Scan(bus, scan, source.Token);
        await _begun.Task.Soon();

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.Soon());
        Assert.Equal(0, (await bus.EventLog.GetStatisticsAsync().AsTask().Soon()).Events);
    }

    [Fact]
    public async Task A_stop_ends_the_page_of_a_subscription_that_lags_and_the_next_start_reads_it()
    {
        var handled = new List<int>();
        await using (var before = new EventBusBuilder().UseEventLog(_disk).AddEvent<int>(static e => e.Logged()).Build())
            await before.PublishManyAsync([1, 2, 3]);
        await using var bus = new EventBusBuilder().UseEventLog(_log)
            .Handle<int>(
                (number, _, _) =>
                {
                    lock (handled)
                        handled.Add(number);
                    return default;
                },
                static s => s.Named("facts").Durable(LogPosition.Earliest)).Build();
        _log.Scan = UntilCancelled;
        await bus.StartAsync();
        await _begun.Task.Soon();

        var receipt = await bus.StopAsync().AsTask().Soon();
        Assert.True(receipt.IsComplete);
        Assert.Empty(handled);
        _log.Scan = static (_, _) => { };
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3], handled);
    }

    [Fact]
    public async Task What_a_handler_reads_while_a_stop_waits_for_it_is_read()
    {
        var (held, numbers) = (new HeldHandler(), 0);
        IEventBus bus = null!;
        await using var built = bus = new EventBusBuilder().UseEventLog(_log).AddEvent<int>(static e => e.Logged()).Handle<int>(async (_, _, _) =>
        {
            await held.HoldAsync();
            await foreach (var one in bus.EventLog.ReadAsync(cancellationToken: CancellationToken.None))
                numbers += (int)one.Event;
        }).Build();
        await bus.PublishAsync(5);
        await held.Entered;

        var stopping = bus.StopAsync().AsTask();
        held.Open();
        var receipt = await stopping.Soon();

        Assert.True(receipt.IsComplete);
        Assert.Equal(5, numbers);
    }

    public void Dispose() => _disk.Dispose();

    private static Task Long(IEventBus bus, bool isBackup, CancellationToken cancellationToken = default) =>
        isBackup ? bus.EventLog.BackupAsync("copy", cancellationToken).AsTask() : bus.EventLog.CheckIntegrityAsync(cancellationToken).AsTask();

    private static async Task Scan(IEventBus bus, string scan, CancellationToken cancellationToken = default)
    {
        switch (scan)
        {
            case "ReadDeadLetters":
                await bus.DeadLetters.ListAsync(cancellationToken: cancellationToken);
                break;
            case "ReadDeadLetterCount":
                await bus.DeadLetters.CountAsync(cancellationToken: cancellationToken);
                break;
            default:
                var from = scan == "Read" ? LogPosition.Earliest : LogPosition.Time(DateTimeOffset.UnixEpoch);
                await foreach (var _ in bus.EventLog.ReadAsync(new LogQuery { From = from, Key = "rare" }, cancellationToken))
                {
                }

                break;
        }
    }

    private void UntilCancelled(string call, CancellationToken cancellationToken)
    {
        _begun.TrySetResult();
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private IEventBus Bus() => new EventBusBuilder().UseEventLog(_log).UseTimeProvider(new FakeTimeProvider()).Handle<int>(static (_, _, _) => default, static s => s.Named("facts").Durable()).Build();
}
