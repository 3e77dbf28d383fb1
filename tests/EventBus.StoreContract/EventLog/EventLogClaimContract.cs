using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep of claims.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogClaimContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_window = TimeSpan.FromDays(7);
    private static readonly IdempotencyKey s_key = new("subscription", "event");

    private DateTimeOffset _now = Time;

    [Fact]
    public void A_claimed_delivery_is_held_for_as_long_as_its_lease_still_runs()
    {
        Win(s_key);

        var atOnce = Claim(s_key);
        _now += TimeSpan.FromSeconds(20) + TimeSpan.FromTicks(3);
        Crash();
        var later = Claim(s_key);

        Assert.Equal(IdempotencyClaim.HeldByAnother(s_lease), atOnce);
        Assert.Equal(IdempotencyClaim.HeldByAnother(TimeSpan.FromSeconds(40) - TimeSpan.FromTicks(3)), later);
    }

    [Fact]
    public void A_claim_of_a_dead_process_is_won_again_once_its_lease_has_run_out()
    {
        var dead = Win(s_key);
        Crash();

        _now += s_lease - TimeSpan.FromTicks(1);
        var before = Claim(s_key);
        _now += TimeSpan.FromTicks(1);
        var after = Claim(s_key);

        Assert.Equal(IdempotencyClaimStatus.HeldByAnother, before.Status);
        Assert.Equal(IdempotencyClaimStatus.Won, after.Status);
        Assert.NotEqual(dead, after.Token);
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_a_claim_hold_no_longer_than_a_lease_from_then_on()
    {
        var token = Win(s_key);
        Crash();

        _now -= TimeSpan.FromHours(1);
        Assert.Equal(IdempotencyClaim.HeldByAnother(s_lease), Claim(s_key));
        _now += s_lease - TimeSpan.FromTicks(1);
        Assert.Equal(IdempotencyClaim.HeldByAnother(TimeSpan.FromTicks(1)), Claim(s_key));
        Assert.True(Commit(transaction => transaction.RenewClaim(s_key, token, s_lease, _now)));
        _now += s_lease;

        Assert.Equal(IdempotencyClaimStatus.Won, Claim(s_key).Status);
    }

    [Fact]
    public void Tokens_are_never_given_twice_also_not_after_the_log_was_opened_again()
    {
        var tokens = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            tokens.Add(Win(s_key with { Key = $"{i}" }));
            tokens.Add(Win(s_key with { Key = $"{i}b" }));
            RollBack(transaction => tokens.Add(transaction.Claim(s_key, s_lease, _now).Token));
            if (i % 2 == 0)
                Restart();
            else
                Crash();
        }

        Assert.Equal(tokens.Count, tokens.Distinct().Count());
        Assert.DoesNotContain(0, tokens);
    }

    [Fact]
    public void A_renewed_claim_holds_from_the_renewal_on()
    {
        var token = Win(s_key);
        _now += TimeSpan.FromSeconds(50);

        var renewed = Commit(transaction => transaction.RenewClaim(s_key, token, s_lease, _now));
        _now += TimeSpan.FromSeconds(50);

        Assert.True(renewed);
        Assert.Equal(IdempotencyClaim.HeldByAnother(TimeSpan.FromSeconds(10)), Claim(s_key));
    }

    [Fact]
    public void A_completed_delivery_is_remembered_for_its_window_and_then_forgotten()
    {
        Complete(s_key, Win(s_key));
        Crash();

        _now += s_window - TimeSpan.FromTicks(1);
        var within = Claim(s_key);
        _now += TimeSpan.FromTicks(1);
        var past = Claim(s_key);

        Assert.Equal(IdempotencyClaim.Completed(), within);
        Assert.Equal(IdempotencyClaimStatus.Won, past.Status);
    }

    [Fact]
    public void A_delivery_that_was_forgotten_is_completed_anew()
    {
        Complete(s_key, Win(s_key));
        _now += s_window;

        Complete(s_key, Win(s_key));

        Assert.Equal(IdempotencyClaim.Completed(), Claim(s_key));
    }

    [Fact]
    public void A_released_claim_is_won_by_the_next_and_its_token_is_of_no_use()
    {
        var first = Win(s_key);

        var released = Commit(transaction => transaction.ReleaseClaim(s_key, first));
        var results = Use(s_key, first);

        Assert.True(released);
        Assert.Equal((false, false, false), results);
        Assert.NotEqual(first, Win(s_key));
    }

    [Fact]
    public void A_claim_that_ran_out_is_completed_all_the_same_while_nobody_else_won_it()
    {
        var token = Win(s_key);
        _now += s_lease + s_lease;

        Complete(s_key, token);

        Assert.Equal(IdempotencyClaim.Completed(), Claim(s_key));
    }

    [Fact]
    public void A_stale_token_changes_nothing_and_is_told_so()
    {
        var stale = Win(s_key);
        _now += s_lease;
        var owner = Win(s_key);

        Assert.Equal((false, false, false), Use(s_key, stale));
        Assert.Equal(IdempotencyClaim.HeldByAnother(s_lease), Claim(s_key));
        Complete(s_key, owner);
    }

    [Fact]
    public void A_token_is_of_no_use_once_its_delivery_is_completed()
    {
        var token = Win(s_key);
        Complete(s_key, token);

        Assert.Equal((false, false, false), Use(s_key, token));
        Assert.Equal((false, false, false), Use(s_key, 0));
        Assert.Equal(IdempotencyClaim.Completed(), Claim(s_key));
    }

    [Fact]
    public void A_token_for_a_delivery_that_nobody_claimed_changes_nothing()
    {
        var other = Win(s_key with { Key = "other" });

        Assert.Equal((false, false, false), Use(s_key, 42));
        Assert.Equal((false, false, false), Use(s_key, other));
        Win(s_key);
    }

    [Fact]
    public void Scopes_and_keys_never_meet()
    {
        IdempotencyKey[] keys = [new("a", "b/c"), new("a/b", "c"), new("", "a/b/c"), new("a/b/c", ""), new("A", "b/c"), new("a", "B/C"), .. OddTexts.Select(static text => new IdempotencyKey("odd", text)), .. OddTexts.Select(static text => new IdempotencyKey(text, "odd"))];

        foreach (var key in keys)
            Complete(key, Win(key));
        Restart();

        foreach (var key in keys)
            Assert.Equal(IdempotencyClaim.Completed(), Claim(key));
    }

    [Fact]
    public void An_id_of_another_type_or_source_is_another_delivery_and_so_is_a_key_of_the_application()
    {
        IdempotencyKey[] keys = [s_key, .. new[] { null, "", "till" }.SelectMany(static source => new[] { "order-placed", "order-shipped" }.Select(type => s_key with { EventType = type, Source = source }))];

        foreach (var key in keys)
        {
            Assert.Equal(IdempotencyClaimStatus.Won, Claim(key).Status);
            Assert.Equal(IdempotencyClaim.HeldByAnother(s_lease), Claim(key));
        }

        _now += s_lease;
        foreach (var key in keys)
            Complete(key, Win(key));
        foreach (var key in keys)
            Assert.Equal(IdempotencyClaim.Completed(), Claim(key));
    }

    [Fact]
    public void What_was_completed_under_another_name_of_its_type_is_completed_and_what_was_only_claimed_is_not()
    {
        var (completed, claimed, elsewhere) = (Of("completed", "placed", "till"), Of("claimed", "placed", "till"), Of("elsewhere", "placed", null));
        Complete(completed, Win(completed));
        Win(claimed);
        Complete(elsewhere, Win(elsewhere));

        Assert.Equal(IdempotencyClaim.Completed(), ClaimAs("completed"));
        Assert.Equal(IdempotencyClaimStatus.Won, ClaimAs("claimed").Status);
        Assert.Equal(IdempotencyClaimStatus.Won, ClaimAs("elsewhere").Status);
        _now += s_window;
        Assert.Equal(IdempotencyClaimStatus.Won, ClaimAs("completed").Status);

        static IdempotencyKey Of(string id, string type, string? source) => s_key with { Key = id, EventType = type, Source = source };
        IdempotencyClaim ClaimAs(string id) => Commit(transaction => transaction.Claim(Of(id, "order-placed", "till"), s_lease, _now, static name => name == "placed"));
    }

    [Fact]
    public void The_longest_lease_and_the_longest_window_never_end()
    {
        var completed = s_key with { Key = "completed" };
        Commit(transaction => transaction.Claim(s_key, TimeSpan.MaxValue, _now));
        var token = Win(completed);
        Assert.True(Commit(transaction => transaction.CompleteClaim(completed, token, TimeSpan.MaxValue, _now)));

        _now += TimeSpan.FromDays(3650);
        var removed = Commit(transaction => transaction.RemoveClaims(_now, 100));

        Assert.Equal(0, removed);
        Assert.Equal(IdempotencyClaimStatus.HeldByAnother, Claim(s_key).Status);
        Assert.Equal(IdempotencyClaimStatus.Completed, Claim(completed).Status);
    }

    [Fact]
    public void What_is_over_is_removed_some_at_a_time_and_what_still_counts_stays()
    {
        for (var i = 0; i < 5; i++)
            Win(s_key with { Key = $"ran out {i}" });
        Complete(s_key with { Key = "completed" }, Win(s_key with { Key = "completed" }));
        _now += s_lease;
        Win(s_key with { Key = "held" });

        var first = Commit(transaction => transaction.RemoveClaims(_now, 3));
        var second = Commit(transaction => transaction.RemoveClaims(_now, 3));
        var third = Commit(transaction => transaction.RemoveClaims(_now, 3));

        Assert.Equal((3, 2, 0), (first, second, third));
        Assert.Equal(IdempotencyClaimStatus.Completed, Claim(s_key with { Key = "completed" }).Status);
        Assert.Equal(IdempotencyClaimStatus.HeldByAnother, Claim(s_key with { Key = "held" }).Status);
    }

    [Fact]
    public void A_claim_is_seen_by_what_follows_in_its_transaction()
    {
        Commit(transaction =>
        {
            var token = transaction.Claim(s_key, s_lease, _now).Token;

            Assert.Equal(IdempotencyClaimStatus.HeldByAnother, transaction.Claim(s_key, s_lease, _now).Status);
            Assert.True(transaction.CompleteClaim(s_key, token, s_window, _now));
            Assert.Equal(IdempotencyClaimStatus.Completed, transaction.Claim(s_key, s_lease, _now).Status);
        });
    }

    private IdempotencyClaim Claim(IdempotencyKey key) => Commit(transaction => transaction.Claim(key, s_lease, _now));

    private long Win(IdempotencyKey key)
    {
        var claim = Claim(key);
        Assert.Equal(IdempotencyClaimStatus.Won, claim.Status);
        return claim.Token;
    }

    private void Complete(IdempotencyKey key, long token) => Assert.True(Commit(transaction => transaction.CompleteClaim(key, token, s_window, _now)));

    private (bool Renewed, bool Completed, bool Released) Use(IdempotencyKey key, long token) => Commit(transaction => (
        transaction.RenewClaim(key, token, s_window, _now),
        transaction.CompleteClaim(key, token, s_window, _now),
        transaction.ReleaseClaim(key, token)));
}
