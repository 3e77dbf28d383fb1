using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests;

public sealed class LockedStopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stop_while_another_program_holds_the_write_lock_ends_within_its_limit_and_the_busy_timeout()
    {
        var limit = TimeSpan.FromMilliseconds(300);
        var busyTimeout = TimeSpan.FromMilliseconds(200);
        var handled = new List<int>();
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var path = _folder.File();
        await using var bus = Bus(path, busyTimeout, handled, second);
        await bus.PublishAsync(1);
        using (var other = OpenFile.Connect(path))
        {
            other.Run("BEGIN IMMEDIATE");
            var before = TimeProvider.System.GetTimestamp();

            await bus.StopAsync(limit).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

            // The closing waits for the lock too. A slow machine may add to it, but not the seconds of a stop without a limit.
            Assert.True(TimeProvider.System.GetElapsedTime(before) < limit + (2 * busyTimeout) + TimeSpan.FromSeconds(5));
        }

        await bus.StartAsync();
        await bus.PublishAsync(2);
        await second.Task.WaitAsync(TimeSpan.FromSeconds(60));

        // What could not be stored as handled comes again; nothing is missing.
        lock (handled)
            Assert.Equal([1, 2], handled.Distinct());
    }

    private static IEventBus Bus(string path, TimeSpan busyTimeout, List<int> handled, TaskCompletionSource second) => new EventBusBuilder()
        .UseSqlite($"Data Source={path}", options => options.BusyTimeout = busyTimeout)
        .Handle<int>(
            (number, _, _) =>
            {
                lock (handled)
                    handled.Add(number);
                if (number == 2)
                    second.TrySetResult();
                return default;
            },
            static s => s.Named("facts").Durable())
        .Build();
}
