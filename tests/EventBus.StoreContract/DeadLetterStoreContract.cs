using EventBus.Storage;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IDeadLetterStore"/> must keep. Inherit it and hand it your store.</summary>
public abstract class DeadLetterStoreContract
{
    private static readonly DeadLetterQuery s_all = new();

    /// <summary>Makes an empty store that holds at least 1,000 letters.</summary>
    protected abstract ValueTask<IDeadLetterStore> CreateStoreAsync();

    /// <summary>Makes an event that the store can keep, equal to any other of the same text.</summary>
    protected virtual object EventOf(string text) => text;

    [Fact]
    public async Task A_letter_gets_an_id_and_keeps_all_its_facts()
    {
        var store = await CreateStoreAsync();
        var letter = Letter("a");

        var addition = await store.AddAsync(letter, default);
        var kept = Assert.Single(await store.ListAsync(s_all, 0, 10, default));

        Assert.True(addition.Kept.Id > 0);
        Assert.Empty(addition.Evicted);
        AssertSame(letter with { Id = addition.Kept.Id }, addition.Kept);
        AssertSame(addition.Kept, kept);
    }

    [Fact]
    public async Task Ids_grow()
    {
        var store = await CreateStoreAsync();

        var ids = await FillAsync(store, 20);

        Assert.Equal(ids.Order(), ids);
        Assert.Equal(20, ids.Distinct().Count());
    }

    [Fact]
    public async Task An_id_is_not_given_again_after_its_letter_has_gone()
    {
        var store = await CreateStoreAsync();
        var gone = (await store.AddAsync(Letter("a"), default)).Kept.Id;
        await store.RemoveAsync(gone, default);

        var next = (await store.AddAsync(Letter("b"), default)).Kept.Id;

        Assert.True(next > gone);
    }

    [Fact]
    public async Task Letters_added_at_once_are_all_kept_under_ids_of_their_own()
    {
        var store = await CreateStoreAsync();

        var additions = await Together.RunAsync(16, i => store.AddAsync(Letter($"letter {i}"), default));
        var listed = await store.ListAsync(s_all, 0, 100, default);

        Assert.Equal(additions.Select(static addition => addition.Kept.Id).Order(), listed.Select(static letter => letter.Id));
        Assert.Equal(16, listed.Select(static letter => letter.Event).Distinct().Count());
    }

    [Fact]
    public async Task Listing_pages_by_the_last_id_seen_and_misses_and_repeats_nothing()
    {
        var store = await CreateStoreAsync();
        var ids = await FillAsync(store, 25);

        var seen = new List<long>();
        var sizes = new List<int>();
        while (await store.ListAsync(s_all, seen.LastOrDefault(), 10, default) is { Count: > 0 } page)
        {
            sizes.Add(page.Count);
            seen.AddRange(page.Select(static letter => letter.Id));
        }

        Assert.Equal([10, 10, 5], sizes);
        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task Paging_goes_on_after_an_id_whose_letter_has_gone()
    {
        var store = await CreateStoreAsync();
        var ids = await FillAsync(store, 5);
        await store.RemoveAsync(ids[1], default);

        var page = await store.ListAsync(s_all, ids[1], 10, default);

        Assert.Equal(ids[2..], page.Select(static letter => letter.Id));
    }

    [Fact]
    public async Task Nothing_comes_after_the_greatest_id_there_can_be()
    {
        var store = await CreateStoreAsync();
        await FillAsync(store, 3);

        var page = await store.ListAsync(s_all, long.MaxValue, 10, default);

        Assert.Empty(page);
    }

    [Fact]
    public async Task A_query_chooses_by_subscription_type_reason_and_conversation()
    {
        var store = await CreateStoreAsync();
        await store.AddAsync(Letter("a", subscription: "mail"), default);
        await store.AddAsync(Letter("b", type: "order-placed"), default);
        await store.AddAsync(Letter("c", reason: DeadLetterReason.RefusedByHandler), default);
        await store.AddAsync(Letter("d", correlationId: "visit-7"), default);
        await store.AddAsync(Letter("e", subscription: "mail", type: "order-placed"), default);

        await AssertChosenAsync(store, new() { Subscription = "mail" }, "a", "e");
        await AssertChosenAsync(store, new() { EventType = "order-placed" }, "b", "e");
        await AssertChosenAsync(store, new() { Reason = DeadLetterReason.RefusedByHandler }, "c");
        await AssertChosenAsync(store, new() { CorrelationId = "visit-7" }, "d");
        await AssertChosenAsync(store, new() { Subscription = "mail", EventType = "order-placed" }, "e");
        await AssertChosenAsync(store, new() { Subscription = "Mail" });
        await AssertChosenAsync(store, s_all, "a", "b", "c", "d", "e");
    }

    [Fact]
    public async Task A_page_of_a_query_is_full_while_enough_letters_match()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 30; i++)
            await store.AddAsync(Letter($"{i}", subscription: i % 3 == 0 ? "mail" : "stock"), default);
        var query = new DeadLetterQuery { Subscription = "mail" };

        var first = await store.ListAsync(query, 0, 6, default);
        var second = await store.ListAsync(query, first[^1].Id, 6, default);

        Assert.Equal(6, first.Count);
        Assert.Equal(4, second.Count);
        Assert.All(first.Concat(second), static letter => Assert.Equal("mail", letter.Subscription));
    }

    [Fact]
    public async Task A_removed_letter_is_handed_over_once_and_gone()
    {
        var store = await CreateStoreAsync();
        var kept = (await store.AddAsync(Letter("a"), default)).Kept;

        var first = await store.RemoveAsync(kept.Id, default);
        var second = await store.RemoveAsync(kept.Id, default);

        AssertSame(kept, Assert.IsType<DeadLetter>(first));
        Assert.Null(second);
        Assert.Equal(0, await store.CountAsync(s_all, default));
    }

    [Fact]
    public async Task Removing_an_unknown_id_gives_nothing()
    {
        var store = await CreateStoreAsync();
        await FillAsync(store, 1);

        foreach (var id in new[] { 0, -1, long.MaxValue, long.MinValue })
            Assert.Null(await store.RemoveAsync(id, default));
    }

    [Fact]
    public async Task Of_many_removals_at_once_exactly_one_gets_the_letter()
    {
        var store = await CreateStoreAsync();

        foreach (var id in await FillAsync(store, 50))
        {
            var removals = await Together.RunAsync(8, _ => store.RemoveAsync(id, default));
            Assert.Single(removals, static letter => letter is not null);
        }
    }

    [Fact]
    public async Task A_restored_letter_is_back_under_its_own_id_and_in_its_place()
    {
        var store = await CreateStoreAsync();
        var ids = await FillAsync(store, 3);
        var taken = await store.RemoveAsync(ids[1], default);

        await store.RestoreAsync(taken!, default);
        var listed = await store.ListAsync(s_all, 0, 10, default);

        Assert.Equal(ids, listed.Select(static letter => letter.Id));
        AssertSame(taken!, listed[1]);
        Assert.True((await store.AddAsync(Letter("new"), default)).Kept.Id > ids[2]);
    }

    [Fact]
    public async Task Counting_follows_the_query()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 10; i++)
            await store.AddAsync(Letter($"{i}", subscription: i < 3 ? "mail" : "stock"), default);

        Assert.Equal(10, await store.CountAsync(s_all, default));
        Assert.Equal(3, await store.CountAsync(new() { Subscription = "mail" }, default));
        Assert.Equal(0, await store.CountAsync(new() { Subscription = "nobody" }, default));
    }

    [Fact]
    public async Task Purging_page_by_page_removes_what_was_chosen_and_keeps_the_rest()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 30; i++)
            await store.AddAsync(Letter($"{i}", subscription: i % 2 == 0 ? "mail" : "stock"), default);
        var query = new DeadLetterQuery { Subscription = "mail" };

        var afterId = 0L;
        while (await store.ListAsync(query, afterId, 4, default) is { Count: > 0 } page)
        {
            foreach (var letter in page)
                Assert.NotNull(await store.RemoveAsync(letter.Id, default));
            afterId = page[^1].Id;
        }

        Assert.Equal(0, await store.CountAsync(query, default));
        Assert.Equal(15, await store.CountAsync(s_all, default));
    }

    [Fact]
    public async Task Odd_text_is_kept_as_it_is()
    {
        var store = await CreateStoreAsync();
        string[] texts = ["", "\0", "a\0b", "\U0001F389", "'; DROP TABLE letters; --", new string('x', 1024 * 1024)];

        foreach (var text in texts)
            await store.AddAsync(Letter("odd", correlationId: text), default);

        foreach (var text in texts)
            Assert.Equal(text, Assert.Single(await store.ListAsync(new() { CorrelationId = text }, 0, 10, default)).Metadata.CorrelationId);
    }

    private static void AssertSame(DeadLetter expected, DeadLetter actual)
    {
        Assert.Equal(expected.Metadata.Headers, actual.Metadata.Headers);
        Assert.Equal(expected with { Metadata = actual.Metadata }, actual);
        Assert.Equal(expected.Metadata with { Headers = actual.Metadata.Headers }, actual.Metadata);
    }

    private async Task AssertChosenAsync(IDeadLetterStore store, DeadLetterQuery query, params string[] texts) =>
        Assert.Equal(texts.Select(EventOf), (await store.ListAsync(query, 0, 100, default)).Select(static letter => letter.Event));

    private async Task<List<long>> FillAsync(IDeadLetterStore store, int count)
    {
        var ids = new List<long>();
        for (var i = 0; i < count; i++)
            ids.Add((await store.AddAsync(Letter($"letter {i}"), default)).Kept.Id);
        return ids;
    }

    private DeadLetter Letter(
        string text,
        string subscription = "audit",
        string type = "stock-moved",
        DeadLetterReason reason = DeadLetterReason.MaxAttemptsExceeded,
        string correlationId = "visit-1") => new()
    {
        Id = 0,
        Event = EventOf(text),
        Metadata = new EventMetadata
        {
            Id = $"id of {text}",
            Type = type,
            Time = new DateTimeOffset(2026, 3, 29, 0, 59, 59, TimeSpan.Zero),
            Source = "till-3",
            Subject = "order/5",
            Key = "85123A",
            CorrelationId = correlationId,
            CausationId = "cause",
            Headers = new Dictionary<string, string> { ["tenant"] = "a", ["traceparent"] = "00-1" },
            Subscription = subscription,
            Attempt = 3,
        },
        Reason = reason,
        ExceptionType = "System.InvalidOperationException",
        Description = "It does not work.",
        ExceptionText = "System.InvalidOperationException: It does not work.\n   at Here()",
        LastAttemptTime = new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero),
    };
}
