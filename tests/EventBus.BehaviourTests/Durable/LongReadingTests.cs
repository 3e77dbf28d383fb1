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

    public void Dispose() => _disk.Dispose();

    private static Task Long(IEventBus bus, bool isBackup, CancellationToken cancellationToken = default) =>
        isBackup ? bus.EventLog.BackupAsync("copy", cancellationToken).AsTask() : bus.EventLog.CheckIntegrityAsync(cancellationToken).AsTask();

    private void UntilCancelled(string call, CancellationToken cancellationToken)
    {
        _begun.TrySetResult();
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private IEventBus Bus() => new EventBusBuilder().UseEventLog(_log).UseTimeProvider(new FakeTimeProvider()).Handle<int>(static (_, _, _) => default, static s => s.Named("facts").Durable()).Build();
}
