using System.Globalization;
using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests;

/// <remarks>A short run belongs to every build. For the full one set EVENTBUS_DEAD_LETTERS to 1000000: it takes a minute or two.</remarks>
public sealed class ManyDeadLettersTests : IDisposable
{
    private const int Chunk = 1000;

    private static readonly int s_count =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTBUS_DEAD_LETTERS"), CultureInfo.InvariantCulture, out var count) ? count / Chunk * Chunk : 20_000;

    private readonly OpenFile _file = new();

    public ManyDeadLettersTests()
    {
        for (var done = 0; done < s_count; done += Chunk)
        {
            var first = done;
            _file.Commit(transaction =>
            {
                for (var number = first; number < first + Chunk; number++)
                    transaction.AddDeadLetter(Facts.Letter($"{number}", number % Chunk == 0 ? "rare" : "audit"));
                return 0;
            });
        }
    }

    [Fact]
    public void A_page_takes_no_more_memory_late_than_early_and_begins_where_it_is_asked_to()
    {
        BytesOfPage(0);

        var early = BytesOfPage(0);
        var late = BytesOfPage(s_count - 200);

        Assert.InRange(late, 1, early + (early / 10));
    }

    [Fact]
    public async Task Listing_all_through_a_bus_misses_none_and_keeps_none_in_memory()
    {
        _file.Log.Close(clean: true);
        await using var bus = new EventBusBuilder().UseSqlite($"Data Source={_file.Path}").Build();
        await bus.StartAsync();
        var (listed, lastId) = (0, 0L);
        var samples = new List<WeakReference>();

        await foreach (var letter in bus.DeadLetters.AllAsync())
        {
            Assert.True(letter.Id > lastId);
            lastId = letter.Id;
            if (++listed % 100 == 0)
                samples.Add(new WeakReference(letter));
            if (listed % (s_count / 10) == 0)
                Assert.InRange(Alive(samples), 0, 10);
        }

        Assert.Equal(s_count, listed);
    }

    [Fact]
    public async Task Those_of_a_rare_subscription_are_found_page_by_page_too()
    {
        _file.Log.Close(clean: true);
        await using var bus = new EventBusBuilder().UseSqlite($"Data Source={_file.Path}").Build();
        await bus.StartAsync();
        var query = new DeadLetterQuery { Subscription = "rare" };

        var pages = new List<int>();
        for (var after = 0L; await bus.DeadLetters.ListAsync(query, after, count: 8) is { Count: > 0 } page; after = page[^1].Id)
            pages.Add(page.Count);

        Assert.Equal(s_count / Chunk, pages.Sum());
        Assert.Equal(s_count / Chunk, await bus.DeadLetters.CountAsync(query));
    }

    public void Dispose() => _file.Dispose();

    // The page at hand, and perhaps the one before, may be.
    private static int Alive(List<WeakReference> samples)
    {
        GC.Collect();
        return samples.Count(static sample => sample.IsAlive);
    }

    private long BytesOfPage(long afterId)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var page = _file.Log.ReadDeadLetters(new(), afterId, 100);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Enumerable.Range(1, 100).Select(number => afterId + number), page.Select(static letter => letter.Id));
        return bytes;
    }
}
