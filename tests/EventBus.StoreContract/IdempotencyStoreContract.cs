using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IIdempotencyStore"/> must keep. Inherit it and hand it your store.</summary>
public abstract class IdempotencyStoreContract
{
    private const int Claimers = 16;

    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_window = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_instant = TimeSpan.FromSeconds(1);
    private static readonly IdempotencyKey s_key = new("subscription", "event");

    /// <summary>The clock that the store gets.</summary>
    protected FakeTimeProvider Time { get; } = new();

    /// <summary>Makes an empty store that holds at least 1,000 entries and reads this clock.</summary>
    protected abstract ValueTask<IIdempotencyStore> CreateStoreAsync(TimeProvider timeProvider);

    [Fact]
    public async Task A_delivery_that_nobody_claimed_is_won()
    {
        var store = await CreateStoreAsync(Time);

        var claim = await store.ClaimAsync(s_key, s_lease, default);

        Assert.Equal(IdempotencyClaimStatus.Won, claim.Status);
    }

    [Fact]
    public async Task A_claimed_delivery_is_held_for_as_long_as_its_lease_still_runs()
    {
        var store = await CreateStoreAsync(Time);
        await WinAsync(store, s_key);

        var atOnce = await store.ClaimAsync(s_key, s_lease, default);
        Time.Advance(TimeSpan.FromSeconds(20));
        var later = await store.ClaimAsync(s_key, s_lease, default);

        Assert.Equal(IdempotencyClaim.HeldByAnother(s_lease), atOnce);
        Assert.Equal(IdempotencyClaim.HeldByAnother(TimeSpan.FromSeconds(40)), later);
    }

    [Fact]
    public async Task A_claim_is_won_again_once_its_lease_has_run_out()
    {
        var store = await CreateStoreAsync(Time);
        var dead = await WinAsync(store, s_key);

        Time.Advance(s_lease - s_instant);
        var before = await store.ClaimAsync(s_key, s_lease, default);
        Time.Advance(s_instant);
        var after = await store.ClaimAsync(s_key, s_lease, default);

        Assert.Equal(IdempotencyClaimStatus.HeldByAnother, before.Status);
        Assert.Equal(IdempotencyClaimStatus.Won, after.Status);
        Assert.NotEqual(dead, after.Token);
    }

    [Fact]
    public async Task A_renewed_claim_holds_from_the_renewal_on()
    {
        var store = await CreateStoreAsync(Time);
        var token = await WinAsync(store, s_key);

        Time.Advance(TimeSpan.FromSeconds(50));
        var renewed = await store.RenewAsync(s_key, token, s_lease, default);
        Time.Advance(TimeSpan.FromSeconds(50));
        var claim = await store.ClaimAsync(s_key, s_lease, default);

        Assert.True(renewed);
        Assert.Equal(IdempotencyClaim.HeldByAnother(TimeSpan.FromSeconds(10)), claim);
    }

    [Fact]
    public async Task A_completed_delivery_is_recognised()
    {
        var store = await CreateStoreAsync(Time);
        var token = await WinAsync(store, s_key);

        var completed = await store.CompleteAsync(s_key, token, s_window, default);
        var claim = await store.ClaimAsync(s_key, s_lease, default);

        Assert.True(completed);
        Assert.Equal(IdempotencyClaim.Completed(), claim);
    }

    [Fact]
    public async Task A_completed_delivery_is_remembered_for_its_window_and_then_forgotten()
    {
        var store = await CreateStoreAsync(Time);
        await store.CompleteAsync(s_key, await WinAsync(store, s_key), s_window, default);

        Time.Advance(s_window - s_instant);
        var within = await store.ClaimAsync(s_key, s_lease, default);
        Time.Advance(s_instant);
        var past = await store.ClaimAsync(s_key, s_lease, default);

        Assert.Equal(IdempotencyClaimStatus.Completed, within.Status);
        Assert.Equal(IdempotencyClaimStatus.Won, past.Status);
    }

    [Fact]
    public async Task A_delivery_that_was_forgotten_is_completed_anew()
    {
        var store = await CreateStoreAsync(Time);
        await store.CompleteAsync(s_key, await WinAsync(store, s_key), s_window, default);
        Time.Advance(s_window);

        var completed = await store.CompleteAsync(s_key, await WinAsync(store, s_key), s_window, default);
        var claim = await store.ClaimAsync(s_key, s_lease, default);

        Assert.True(completed);
        Assert.Equal(IdempotencyClaimStatus.Completed, claim.Status);
    }

    [Fact]
    public async Task A_released_claim_is_won_by_the_next()
    {
        var store = await CreateStoreAsync(Time);
        var first = await WinAsync(store, s_key);

        var released = await store.ReleaseAsync(s_key, first, default);
        var second = await store.ClaimAsync(s_key, s_lease, default);

        Assert.True(released);
        Assert.Equal(IdempotencyClaimStatus.Won, second.Status);
        Assert.NotEqual(first, second.Token);
    }

    [Fact]
    public async Task A_claim_that_ran_out_is_completed_all_the_same_while_nobody_else_won_it()
    {
        var store = await CreateStoreAsync(Time);
        var token = await WinAsync(store, s_key);
        Time.Advance(s_lease + s_lease);

        var completed = await store.CompleteAsync(s_key, token, s_window, default);
        var claim = await store.ClaimAsync(s_key, s_lease, default);

        Assert.True(completed);
        Assert.Equal(IdempotencyClaimStatus.Completed, claim.Status);
    }

    [Fact]
    public async Task A_stale_token_changes_nothing_and_is_told_so()
    {
        var store = await CreateStoreAsync(Time);
        var stale = await WinAsync(store, s_key);
        Time.Advance(s_lease);
        var owner = await WinAsync(store, s_key);

        var renewed = await store.RenewAsync(s_key, stale, s_window, default);
        var completed = await store.CompleteAsync(s_key, stale, s_window, default);
        var released = await store.ReleaseAsync(s_key, stale, default);
        var claim = await store.ClaimAsync(s_key, s_lease, default);

        Assert.Equal((false, false, false), (renewed, completed, released));
        Assert.Equal(IdempotencyClaim.HeldByAnother(s_lease), claim);
        Assert.True(await store.CompleteAsync(s_key, owner, s_window, default));
    }

    [Fact]
    public async Task A_token_is_of_no_use_once_its_claim_was_released()
    {
        var store = await CreateStoreAsync(Time);
        var token = await WinAsync(store, s_key);
        await store.ReleaseAsync(s_key, token, default);

        var renewed = await store.RenewAsync(s_key, token, s_lease, default);
        var completed = await store.CompleteAsync(s_key, token, s_window, default);
        var released = await store.ReleaseAsync(s_key, token, default);

        Assert.Equal((false, false, false), (renewed, completed, released));
        await WinAsync(store, s_key);
    }

    [Fact]
    public async Task A_token_is_of_no_use_once_its_delivery_is_completed()
    {
        var store = await CreateStoreAsync(Time);
        var token = await WinAsync(store, s_key);
        await store.CompleteAsync(s_key, token, s_window, default);

        var renewed = await store.RenewAsync(s_key, token, s_instant, default);
        var completed = await store.CompleteAsync(s_key, token, s_instant, default);
        var released = await store.ReleaseAsync(s_key, token, default);
        Time.Advance(s_lease);
        var claim = await store.ClaimAsync(s_key, s_lease, default);

        Assert.Equal((false, false, false), (renewed, completed, released));
        Assert.Equal(IdempotencyClaimStatus.Completed, claim.Status);
    }

    [Fact]
    public async Task A_token_for_a_delivery_that_nobody_claimed_changes_nothing()
    {
        var store = await CreateStoreAsync(Time);

        var renewed = await store.RenewAsync(s_key, 42, s_lease, default);
        var completed = await store.CompleteAsync(s_key, 42, s_window, default);
        var released = await store.ReleaseAsync(s_key, 42, default);

        Assert.Equal((false, false, false), (renewed, completed, released));
        await WinAsync(store, s_key);
    }

    [Fact]
    public async Task The_token_of_one_delivery_opens_no_other()
    {
        var store = await CreateStoreAsync(Time);
        var other = s_key with { Key = "other" };
        var token = await WinAsync(store, s_key);
        await WinAsync(store, other);

        var completed = await store.CompleteAsync(other, token, s_window, default);

        Assert.False(completed);
    }

    [Fact]
    public async Task Keys_of_different_scopes_never_meet()
    {
        var store = await CreateStoreAsync(Time);
        IdempotencyKey[] keys = [new("a", "b/c"), new("a/b", "c"), new("", "a/b/c"), new("a/b/c", ""), new("A", "b/c"), new("a", "B/C"), new("a", "b/c") { EventType = "t" }, new("a", "b/c") { EventType = "u" },
            new("a", "b/c") { EventType = "t", Source = "" }, new("a", "b/c") { EventType = "t", Source = "s" }];

        foreach (var key in keys)
            await store.CompleteAsync(key, await WinAsync(store, key), s_window, default);

        foreach (var key in keys)
            Assert.Equal(IdempotencyClaimStatus.Completed, (await store.ClaimAsync(key, s_lease, default)).Status);
    }

    [Fact]
    public async Task Odd_keys_are_kept_apart_and_recognised()
    {
        var store = await CreateStoreAsync(Time);
        var megabyte = new string('k', 1024 * 1024);
        string[] keys =
        [
            "", "\0", "\0\0", "a\0", "a\0b", "a\0c", " ", "a ", "a", "A", "\u00E9", "e\u0301", "\U0001F389", "\U0001F38A", "\uD83C",
            "\uD800", "\uD801", "\uDC00", "\uFFFD", "'; DROP TABLE keys; --", "%", "_", megabyte, megabyte + "x",
        ];

        foreach (var key in keys)
            await store.CompleteAsync(new("odd", key), await WinAsync(store, new("odd", key)), s_window, default);

        foreach (var key in keys)
            Assert.Equal(IdempotencyClaimStatus.Completed, (await store.ClaimAsync(new("odd", key), s_lease, default)).Status);
    }

    [Fact]
    public async Task The_longest_lease_and_the_longest_window_never_end()
    {
        var store = await CreateStoreAsync(Time);
        var completed = s_key with { Key = "completed" };
        await store.ClaimAsync(s_key, TimeSpan.MaxValue, default);
        await store.CompleteAsync(completed, await WinAsync(store, completed), TimeSpan.MaxValue, default);

        Time.Advance(TimeSpan.FromDays(3650));

        Assert.Equal(IdempotencyClaimStatus.HeldByAnother, (await store.ClaimAsync(s_key, s_lease, default)).Status);
        Assert.Equal(IdempotencyClaimStatus.Completed, (await store.ClaimAsync(completed, s_lease, default)).Status);
    }

    [Fact]
    public async Task Of_many_claimers_at_once_exactly_one_wins()
    {
        var store = await CreateStoreAsync(Time);

        for (var round = 0; round < 50; round++)
        {
            var key = s_key with { Key = $"round {round}" };
            var claims = await Together.RunAsync(Claimers, _ => store.ClaimAsync(key, s_lease, default));
            Assert.Single(claims, static claim => claim.Status == IdempotencyClaimStatus.Won);
            Assert.Equal(Claimers - 1, claims.Count(static claim => claim.Status == IdempotencyClaimStatus.HeldByAnother));
        }
    }

    [Fact]
    public async Task Of_many_claimers_of_a_claim_that_ran_out_exactly_one_wins()
    {
        var store = await CreateStoreAsync(Time);

        for (var round = 0; round < 50; round++)
        {
            Time.Advance(s_lease);
            var claims = await Together.RunAsync(Claimers, _ => store.ClaimAsync(s_key, s_lease, default));
            Assert.Single(claims, static claim => claim.Status == IdempotencyClaimStatus.Won);
        }
    }

    [Fact]
    public async Task Claims_won_at_once_have_different_tokens()
    {
        var store = await CreateStoreAsync(Time);

        var claims = await Together.RunAsync(Claimers, i => store.ClaimAsync(s_key with { Key = $"key {i}" }, s_lease, default));

        Assert.Equal(Claimers, claims.Select(static claim => claim.Token).Distinct().Count());
    }

    private static async Task<long> WinAsync(IIdempotencyStore store, IdempotencyKey key)
    {
        var claim = await store.ClaimAsync(key, s_lease, default);
        Assert.Equal(IdempotencyClaimStatus.Won, claim.Status);
        return claim.Token;
    }
}
