using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep when events are appended and removed.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogAppendContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    [Fact]
    public void An_event_comes_back_with_all_its_facts()
    {
        var sequence = Append(FullEvent("a"))[0];

        Restart();

        AssertSame(FullEvent("a") with { Sequence = sequence }, Assert.Single(Log.Read(0, 10)));
    }

    [Fact]
    public void An_event_of_the_fewest_facts_comes_back_with_no_more()
    {
        var least = new LogRecord { Id = "a", Type = "t", Time = Time, Body = default };
        var sequence = Append(least)[0];

        Restart();

        AssertSame(least with { Sequence = sequence }, Assert.Single(Log.Read(0, 10)));
    }

    [Fact]
    public void Sequences_begin_with_one_and_grow_in_the_order_of_appending()
    {
        var first = Append(Event("a"), Event("b"));
        var second = Append(Event("c"));

        Assert.Equal(1, first[0]);
        Assert.True(first[0] < first[1] && first[1] < second[0]);
        Assert.Equal(["a", "b", "c"], Ids());
        Assert.Equal([.. first, .. second], Log.Read(0, 10).Select(static record => record.Sequence));
    }

    [Fact]
    public void Times_are_kept_to_the_millisecond_in_utc()
    {
        var local = new DateTimeOffset(2026, 3, 29, 3, 0, 0, TimeSpan.FromHours(2)).AddTicks(12_345_678);

        Append(Event("a") with { Time = local, ExpiresAt = local }, Event("b") with { Time = new DateTimeOffset(1969, 12, 31, 23, 59, 59, 999, TimeSpan.Zero) });

        var kept = Log.Read(0, 10);
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 1, 234, TimeSpan.Zero), kept[0].Time);
        Assert.Equal(TimeSpan.Zero, kept[0].Time.Offset);
        Assert.Equal(kept[0].Time, kept[0].ExpiresAt);
        Assert.Equal(new DateTimeOffset(1969, 12, 31, 23, 59, 59, 999, TimeSpan.Zero), kept[1].Time);
    }

    [Fact]
    public void The_first_and_the_last_time_that_there_is_are_kept()
    {
        Append(Event("a") with { Time = DateTimeOffset.MinValue }, Event("b") with { Time = DateTimeOffset.MaxValue });

        Assert.Equal([DateTimeOffset.MinValue, DateTimeOffset.MaxValue.AddTicks(-9999)], Log.Read(0, 10).Select(static record => record.Time));
    }

    [Fact]
    public void A_body_may_be_changed_by_its_owner_once_it_is_appended()
    {
        var buffer = new byte[] { 1, 2, 3 };
        Commit(transaction =>
        {
            transaction.Append(Event("a") with { Body = buffer }, null);
            buffer[0] = 9;
        });

        Assert.Equal(new byte[] { 1, 2, 3 }, Log.Read(0, 1)[0].Body.ToArray());
    }

    [Fact]
    public void Bodies_of_any_length_come_back()
    {
        byte[][] bodies = [[], [0], new byte[4096], [.. Enumerable.Range(0, 3_000_000).Select(static i => (byte)(i * 31))]];

        Append([.. bodies.Select(static body => Event("a") with { Body = body })]);

        Assert.Equal(bodies, Log.Read(0, 10).Select(static record => record.Body.ToArray()));
    }

    [Fact]
    public void Odd_texts_come_back_as_they_are_in_every_fact()
    {
        var records = OddTexts.Select(static text => FullEvent(text) with
        {
            Type = text, Source = text, Subject = text, Key = text, CorrelationId = text, CausationId = text, Headers = text,
        }).ToArray();

        var sequences = Append(records);
        Restart();

        foreach (var (record, kept) in records.Select((record, i) => record with { Sequence = sequences[i] }).Zip(Log.Read(0, 100)))
            AssertSame(record, kept);
        Assert.Equal(records.Length, Log.Read(0, 100).Count);
    }

    [Fact]
    public void One_type_of_two_versions_keeps_them_apart()
    {
        Append(Event("a") with { TypeVersion = 1 }, Event("b") with { TypeVersion = 2 }, Event("c") with { TypeVersion = 1 });

        Assert.Equal([1, 2, 1], Log.Read(0, 10).Select(static record => record.TypeVersion));
    }

    [Fact]
    public void Removing_takes_the_oldest_first_and_no_more_than_asked_for()
    {
        Append([.. Enumerable.Range(0, 10).Select(static i => Event($"{i}"))]);

        var removed = Commit(static transaction => transaction.RemoveEvents(long.MaxValue, null, 3));

        Assert.Equal(3, removed);
        Assert.Equal(["3", "4", "5", "6", "7", "8", "9"], Ids());
    }

    [Fact]
    public void Removing_stops_at_its_last_sequence()
    {
        var sequences = Append([.. Enumerable.Range(0, 10).Select(static i => Event($"{i}"))]);

        var removed = Commit(transaction => transaction.RemoveEvents(sequences[4], null, 100));
        var again = Commit(transaction => transaction.RemoveEvents(sequences[4], null, 100));

        Assert.Equal((5, 0), (removed, again));
        Assert.Equal(["5", "6", "7", "8", "9"], Ids());
    }

    [Fact]
    public void Removing_leaves_events_that_are_not_old_enough_also_among_older_ones()
    {
        Append(Event("a"), Event("clock-ahead", TimeSpan.FromDays(365)), Event("b"), Event("c", TimeSpan.FromHours(1)));

        var removed = Commit(static transaction => transaction.RemoveEvents(long.MaxValue, Time.AddHours(1), 100));

        Assert.Equal(2, removed);
        Assert.Equal(["clock-ahead", "c"], Ids());
    }

    [Fact]
    public void A_sequence_is_not_given_again_after_all_events_have_gone_and_the_log_was_opened_again()
    {
        var last = Append(Event("a"), Event("b"))[1];
        Commit(static transaction => transaction.RemoveEvents(long.MaxValue, null, 100));

        Restart();
        var afterRestart = Append(Event("c"))[0];
        Commit(static transaction => transaction.RemoveEvents(long.MaxValue, null, 100));
        Crash();
        var afterCrash = Append(Event("d"))[0];

        Assert.True(last < afterRestart && afterRestart < afterCrash);
        Assert.Equal(afterRestart, Opening.Head);
    }

    [Fact]
    public void A_sequence_of_a_transaction_that_was_rolled_back_is_not_given_again()
    {
        var lost = 0L;
        RollBack(transaction => lost = transaction.Append(Event("a"), null).Sequence);

        var next = Append(Event("b"))[0];
        RollBack(transaction => lost = transaction.Append(Event("c"), null).Sequence);
        Restart();

        Assert.True(next > 1);
        Assert.True(Append(Event("d"))[0] > lost);
    }

    [Fact]
    public void An_event_is_read_only_once_it_is_committed()
    {
        using var transaction = Log.Begin();
        transaction.Append(Event("a"), null);
        var before = Ids().ToList();

        transaction.Commit();

        Assert.Empty(before);
        Assert.Equal(["a"], Ids());
    }

    [Fact]
    public void What_is_rolled_back_was_never_there()
    {
        Append(Event("a"));
        Commit(static transaction => transaction.SaveSubscription(Subscription("stock", 1)));

        RollBack(static transaction =>
        {
            transaction.Append(Event("b") with { Type = "seen-nowhere-else" }, null);
            transaction.SavePosition("stock", 2);
            transaction.SaveSubscription(Subscription("mail", 2));
            transaction.SaveDelivery("stock", Delivery(1));
            transaction.AddDeadLetter(Letter("x"));
            transaction.AddScheduled(Scheduled("later", default));
            transaction.Claim(new("stock", "a"), TimeSpan.FromDays(1), Time);
            transaction.RemoveEvents(long.MaxValue, null, 10);
        });

        Assert.Equal(["a"], Ids());
        Assert.Equal(1, Assert.Single(Log.ReadSubscriptions()).Position);
        Assert.Empty(Log.ReadDeliveries("stock"));
        Assert.Equal(0, Log.ReadDeadLetterCount(new()));
        Assert.Empty(Log.ReadScheduled(10));
        Assert.Equal(IdempotencyClaimStatus.Won, Commit(static transaction => transaction.Claim(new("stock", "a"), TimeSpan.FromDays(1), Time)).Status);
        Append(Event("c") with { Type = "seen-nowhere-else" });
        Assert.Equal("seen-nowhere-else", Log.Read(0, 10)[1].Type);
    }

    [Fact]
    public void A_transaction_that_changes_nothing_can_be_committed()
    {
        Commit(static _ => { });

        Assert.Empty(Ids());
    }
}
