using EventBus.Sqlite.Tests.Support;
using EventBus.Storage;

namespace EventBus.Sqlite.Tests;

/// <summary>Keys go into the file and come back, whatever characters they have, and keep their order meanwhile.</summary>
public sealed class StoredKeysTests : IDisposable
{
    private static readonly string[] s_keys =
    [
        "", " ", "\0", "\0\0", "a\0", "a\0b", "a", "A", "e\u0301", "\u00E9", "\U0001F389", "\uD83C", "\uDF89", "\uDF89\uD83C", "\uFFFD",
        new string('k', 1024 * 1024), new string('k', 1024 * 1024) + "\0", "'; DROP TABLE deliveries; --",
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Each_key_keeps_its_order_over_a_restart_and_blocks_no_other()
    {
        await using (var bus = Bus(new DatedClock(), out _, out var tried, fails: true, tries: s_keys.Length))
        {
            foreach (var key in s_keys)
                await bus.PublishAsync(1, new PublishOptions { Key = key });
            foreach (var key in s_keys)
                await bus.PublishAsync(2, new PublishOptions { Key = key });
            await tried.WaitAsync(TimeSpan.FromSeconds(60));
            await bus.StopAsync();
        }

        using (var log = new SqliteEventLog($"Data Source={_folder.File()}"))
        {
            log.Open();
            var stored = log.ReadDeliveries("facts").OrderBy(static delivery => delivery.Sequence).Select(static delivery => delivery.Key);
            // What stood behind is stored too, as far as the position has passed it.
            Assert.Equal(s_keys, stored.Take(s_keys.Length));
            log.Close(clean: true);
        }

        await using var later = Bus(new DatedClock { Ahead = TimeSpan.FromDays(1) }, out var handled, out var all, fails: false, tries: (2 * s_keys.Length) + 1);
        await later.PublishAsync(3);
        await all.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Contains((null, 3), handled);
        foreach (var key in s_keys)
            Assert.Equal([1, 2], handled.Where(one => one.Key == key).Select(static one => one.Number));
    }

    public void Dispose() => _folder.Dispose();

    private IEventBus Bus(TimeProvider clock, out List<(string? Key, int Number)> handled, out Task tried, bool fails, int tries)
    {
        var list = new List<(string? Key, int Number)>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (handled, tried) = (list, done.Task);
        return new EventBusBuilder()
            .UseSqlite($"Data Source={_folder.File()}")
            .UseTimeProvider(clock)
            .Handle<int>(
                (number, context, _) =>
                {
                    lock (list)
                    {
                        list.Add((context.Key, number));
                        if (list.Count == tries)
                            done.SetResult();
                    }

                    return fails ? throw new InvalidOperationException("It fails.") : default;
                },
                static s => s.Named("facts").Durable().Concurrency(4).Retry(RetryPolicy.Fixed(9, TimeSpan.FromHours(1))))
            .Build();
    }

    /// <summary>A clock that goes like any other, on another date.</summary>
    private sealed class DatedClock : TimeProvider
    {
        public TimeSpan Ahead { get; init; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
