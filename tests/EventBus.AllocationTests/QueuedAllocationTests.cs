using EventBus.AllocationTests.Support;

namespace EventBus.AllocationTests;

public sealed class QueuedAllocationTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(1, 4)]
    public async Task Queued_delivery_allocates_nothing(int subscribers, int publishers)
    {
        await using var run = new QueuedRun(subscribers: subscribers, publishers: publishers);

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Allocations.Tolerance);
    }

    [Fact]
    public async Task Order_by_key_allocates_nothing()
    {
        await using var run = new QueuedRun(s => s.OrderedBy(fact => fact.Number).Concurrency(8));

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Allocations.Tolerance);
    }

    [Fact]
    public async Task Retry_policy_allocates_nothing_while_handlers_succeed()
    {
        await using var run = new QueuedRun(s => s.Retry(RetryPolicy.Exponential(5, TimeSpan.FromMilliseconds(200))));

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Allocations.Tolerance);
    }

    [Fact]
    public async Task Timeout_allocates_nothing_while_handlers_keep_it()
    {
        await using var run = new QueuedRun(s => s.Timeout(TimeSpan.FromMinutes(5)));

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Allocations.Tolerance);
    }

    [Fact]
    public async Task Predicate_allocates_nothing()
    {
        await using var run = new QueuedRun(s => s.Where(fact => fact.Number >= 0));

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Allocations.Tolerance);
    }
}
