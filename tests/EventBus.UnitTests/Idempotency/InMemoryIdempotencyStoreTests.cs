using EventBus.Storage;
using EventBus.StoreContract;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.UnitTests.Idempotency;

public sealed class InMemoryIdempotencyStoreKeepsTheContract : IdempotencyStoreContract
{
    protected override ValueTask<IIdempotencyStore> CreateStoreAsync(TimeProvider timeProvider) =>
        new(new InMemoryIdempotencyStore(timeProvider: timeProvider));
}

public sealed class InMemoryIdempotencyStoreTests
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_window = TimeSpan.FromDays(7);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Past_its_capacity_the_oldest_completed_delivery_is_forgotten_early_and_counted()
    {
        var store = new InMemoryIdempotencyStore(capacity: 3, _time);

        for (var i = 0; i < 5; i++)
            await CompleteAsync(store, $"{i}", s_window);

        Assert.Equal(3, store.Count);
        Assert.Equal(2, store.EvictedEarly);
        Assert.Equal(IdempotencyClaimStatus.Won, await StatusAsync(store, "0"));
        Assert.Equal(IdempotencyClaimStatus.Won, await StatusAsync(store, "1"));
        Assert.Equal(IdempotencyClaimStatus.Completed, await StatusAsync(store, "2"));
        Assert.Equal(IdempotencyClaimStatus.Completed, await StatusAsync(store, "4"));
    }

    [Fact]
    public async Task What_is_forgotten_after_its_window_is_not_counted_as_evicted_early()
    {
        var store = new InMemoryIdempotencyStore(capacity: 3, _time);
        for (var i = 0; i < 3; i++)
            await CompleteAsync(store, $"{i}", s_window);

        _time.Advance(s_window);
        await CompleteAsync(store, "later", s_window);

        Assert.Equal(1, store.Count);
        Assert.Equal(0, store.EvictedEarly);
    }

    [Fact]
    public async Task Claims_do_not_count_towards_the_capacity_and_are_never_evicted()
    {
        var store = new InMemoryIdempotencyStore(capacity: 1, _time);
        for (var i = 0; i < 100; i++)
            await store.ClaimAsync(new("s", $"held {i}"), s_lease, default);

        await CompleteAsync(store, "a", s_window);
        await CompleteAsync(store, "b", s_window);

        Assert.Equal(1, store.Count);
        for (var i = 0; i < 100; i++)
            Assert.Equal(IdempotencyClaimStatus.HeldByAnother, await StatusAsync(store, $"held {i}"));
    }

    [Fact]
    public async Task A_window_of_its_own_does_not_move_the_end_of_another()
    {
        var store = new InMemoryIdempotencyStore(timeProvider: _time);
        await CompleteAsync(store, "long", s_window);
        await CompleteAsync(store, "short", TimeSpan.FromHours(1));

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(IdempotencyClaimStatus.Completed, await StatusAsync(store, "long"));
        Assert.Equal(IdempotencyClaimStatus.Won, await StatusAsync(store, "short"));
    }

    [Fact]
    public async Task A_lease_ends_to_the_tick()
    {
        var store = new InMemoryIdempotencyStore(timeProvider: _time);
        _time.Advance(TimeSpan.FromTicks(12_345_677));
        await store.ClaimAsync(new("s", "k"), s_lease, default);

        _time.Advance(s_lease - TimeSpan.FromTicks(1));

        Assert.Equal(IdempotencyClaim.HeldByAnother(TimeSpan.FromTicks(1)), await store.ClaimAsync(new("s", "k"), s_lease, default));
    }

    [Fact]
    public void Capacity_must_be_at_least_one() =>
        Assert.Throws<ArgumentOutOfRangeException>("capacity", () => new InMemoryIdempotencyStore(capacity: 0));

    [Fact]
    public async Task Leases_and_windows_must_be_positive()
    {
        var store = new InMemoryIdempotencyStore(timeProvider: _time);
        var key = new IdempotencyKey("s", "k");

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("lease", async () => await store.ClaimAsync(key, TimeSpan.Zero, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("lease", async () => await store.RenewAsync(key, 1, TimeSpan.Zero, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("window", async () => await store.CompleteAsync(key, 1, TimeSpan.Zero, default));
    }

    private static async Task CompleteAsync(InMemoryIdempotencyStore store, string key, TimeSpan window)
    {
        var claim = await store.ClaimAsync(new("s", key), s_lease, default);
        Assert.True(await store.CompleteAsync(new("s", key), claim.Token, window, default));
    }

    private static async Task<IdempotencyClaimStatus> StatusAsync(InMemoryIdempotencyStore store, string key) =>
        (await store.ClaimAsync(new("s", key), s_lease, default)).Status;
}
