using EventBus.AllocationTests.Support;

namespace EventBus.AllocationTests;

/// <summary>A durable publish makes the event's bytes, its record, its id and what waits for the commit, and no more.</summary>
public sealed class DurableAllocationTests : IDisposable
{
    private const int Most = 800;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbus-allocations-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(1, 500)]
    [InlineData(16, 4_000)]
    public async Task Durable_publish_with_its_delivery_and_position_allocates_at_most_800_bytes(int publishers, int events)
    {
        await using var run = new QueuedRun(
            static s => s.Named("durable").Durable(),
            publishers: publishers,
            configureBus: bus => bus.UseSqlite($"Data Source={Path.Combine(_folder.FullName, "events.db")};Pooling=False"));

        var bytes = await run.BytesPerEventAsync(events);

        Assert.InRange(bytes, 0, Most);
    }

    [Fact]
    public async Task A_bus_with_a_log_that_nobody_uses_allocates_nothing_for_queued_deliveries()
    {
        await using var run = new QueuedRun(configureBus: bus => bus.UseSqlite($"Data Source={Path.Combine(_folder.FullName, "events.db")};Pooling=False"));

        Assert.InRange(await run.BytesPerEventAsync(), 0, Allocations.Tolerance);
    }
}
