using EventBus.Storage;
using EventBus.StoreContract;

namespace EventBus.UnitTests.DeadLettering;

public sealed class InMemoryDeadLetterStoreKeepsTheContract : DeadLetterStoreContract
{
    protected override ValueTask<IDeadLetterStore> CreateStoreAsync() => new(new InMemoryDeadLetterStore());
}

public sealed class InMemoryDeadLetterStoreTests
{
    [Fact]
    public async Task Past_its_capacity_the_oldest_letter_is_evicted_and_named()
    {
        var store = new InMemoryDeadLetterStore(capacity: 2);
        var oldest = (await store.AddAsync(Letters.Of("a"), default)).Kept;
        await store.AddAsync(Letters.Of("b"), default);

        var addition = await store.AddAsync(Letters.Of("c"), default);

        Assert.Equal([oldest], addition.Evicted);
        Assert.Equal(2, await store.CountAsync(new(), default));
    }

    [Fact]
    public void Capacity_must_be_at_least_one() =>
        Assert.Throws<ArgumentOutOfRangeException>("capacity", () => new InMemoryDeadLetterStore(capacity: 0));

    [Fact]
    public async Task A_page_must_hold_at_least_one_letter() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("count", async () => await new InMemoryDeadLetterStore().ListAsync(new(), 0, 0, default));

    [Fact]
    public async Task A_page_of_a_million_letters_takes_no_more_memory_late_than_early()
    {
        const int Count = 1_000_000;
        var store = new InMemoryDeadLetterStore(Count);
        var letter = Letters.Of("a");
        for (var i = 0; i < Count; i++)
            await store.AddAsync(letter, default);
        await store.ListAsync(new(), 0, 100, default);

        var early = await BytesOfPageAsync(store, 0);
        var late = await BytesOfPageAsync(store, Count - 200);

        Assert.InRange(early, 1, 16 * 1024);
        Assert.InRange(late, 1, 16 * 1024);
    }

    private static async Task<long> BytesOfPageAsync(InMemoryDeadLetterStore store, long afterId)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var page = store.ListAsync(new(), afterId, 100, default);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        var letters = await page;
        Assert.Equal(Enumerable.Range(1, 100).Select(i => afterId + i), letters.Select(static letter => letter.Id));
        return bytes;
    }
}
