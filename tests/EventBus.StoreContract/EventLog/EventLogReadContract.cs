using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep when its events are read.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogReadContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    [Fact]
    public void Reading_pages_by_the_last_sequence_seen_and_misses_and_repeats_nothing()
    {
        var sequences = Append([.. Enumerable.Range(0, 25).Select(static i => Event($"{i}"))]);

        var seen = new List<long>();
        var sizes = new List<int>();
        while (Log.Read(seen.LastOrDefault(), 10) is { Count: > 0 } page)
        {
            sizes.Add(page.Count);
            seen.AddRange(page.Select(static record => record.Sequence));
        }

        Assert.Equal([10, 10, 5], sizes);
        Assert.Equal(sequences, seen);
    }

    [Fact]
    public void Nothing_comes_after_the_greatest_sequence_there_can_be()
    {
        Append(Event("a"));

        Assert.Empty(Log.Read(long.MaxValue, 10));
        Assert.Single(Log.Read(long.MinValue, 10));
    }

    [Fact]
    public void A_filter_chooses_by_type_key_conversation_and_time()
    {
        Append(
            Event("a") with { Type = "x" },
            Event("b") with { Key = "k" },
            Event("c", TimeSpan.FromHours(1)) with { CorrelationId = "visit" },
            Event("visit", TimeSpan.FromHours(2)),
            Event("d", TimeSpan.FromHours(3)) with { Type = "x", Key = "k" });

        Assert.Equal(["a", "d"], Ids(new() { Types = ["x"] }));
        Assert.Equal(["a", "b", "c", "visit", "d"], Ids(new() { Types = ["x", "order-placed", "unknown"] }));
        Assert.Empty(Ids(new() { Types = [] }));
        Assert.Empty(Ids(new() { Types = ["X"] }));
        Assert.Equal(["b", "d"], Ids(new() { Key = "k" }));
        Assert.Empty(Ids(new() { Key = "" }));
        Assert.Equal(["c", "visit", "d"], Ids(new() { From = Time.AddHours(1) }));
        Assert.Equal(["a", "b"], Ids(new() { Before = Time.AddHours(1) }));
        Assert.Equal(["d"], Ids(new() { Types = ["x"], Key = "k", From = Time, Before = Time.AddDays(1) }));
        Assert.Equal(["a", "b", "c", "visit", "d"], Ids(new()));
    }

    [Fact]
    public void A_conversation_has_the_event_that_began_it()
    {
        Append(Event("visit"), Event("visit") with { CorrelationId = "other" }, Event("a") with { CorrelationId = "visit" });

        var found = Log.Read(0, 10, new() { CorrelationId = "visit" });

        Assert.Equal([1, 3], found.Select(static record => record.Sequence));
    }

    [Fact]
    public void A_page_of_a_filter_is_full_while_enough_events_match()
    {
        Append([.. Enumerable.Range(0, 30).Select(static i => Event($"{i}") with { Key = i % 3 == 0 ? "k" : null })]);
        var filter = new LogFilter { Key = "k" };

        var first = Log.Read(0, 6, filter);
        var second = Log.Read(first[^1].Sequence, 6, filter);

        Assert.Equal(["0", "3", "6", "9", "12", "15"], first.Select(static record => record.Id));
        Assert.Equal(["18", "21", "24", "27"], second.Select(static record => record.Id));
    }

    [Fact]
    public void Odd_texts_are_found_by_a_filter()
    {
        foreach (var text in OddTexts)
            Append(Event("a") with { Type = text, Key = text, CorrelationId = text });

        foreach (var text in OddTexts)
            Assert.Equal(text, Assert.Single(Log.Read(0, 10, new() { Types = [text], Key = text, CorrelationId = text })).Key);
    }

    [Fact]
    public void Single_events_come_in_the_order_asked_for_without_those_that_are_not_there()
    {
        var sequences = Append(Event("a"), Event("b"), Event("c"));

        var found = Log.Read([sequences[2], 99, sequences[0], -1, sequences[2], long.MaxValue]);

        Assert.Equal(["c", "a", "c"], found.Select(static record => record.Id));
        Assert.Empty(Log.Read([]));
    }

    [Fact]
    public void The_sequence_at_a_time_is_the_first_that_was_published_then_or_later()
    {
        var none = Log.ReadSequenceAt(Time);
        var sequences = Append(Event("a"), Event("b", TimeSpan.FromHours(2)), Event("clock-went-back", TimeSpan.FromHours(1)), Event("c", TimeSpan.FromHours(3)));

        Assert.Null(none);
        Assert.Equal(sequences[0], Log.ReadSequenceAt(DateTimeOffset.MinValue));
        Assert.Equal(sequences[0], Log.ReadSequenceAt(Time));
        Assert.Equal(sequences[1], Log.ReadSequenceAt(Time.AddMilliseconds(1)));
        Assert.Equal(sequences[3], Log.ReadSequenceAt(Time.AddHours(3)));
        Assert.Null(Log.ReadSequenceAt(Time.AddHours(4)));
    }

    [Fact]
    public void Statistics_count_what_is_there()
    {
        var empty = Log.ReadStatistics();
        Append(Event("a"), Event("b"), Event("c") with { Body = new byte[200_000] });
        Commit(static transaction =>
        {
            transaction.RemoveEvents(1, null, 1);
            transaction.AddDeadLetter(Letter("x"));
            transaction.AddScheduled(Scheduled("later", default));
        });

        var full = Log.ReadStatistics();

        Assert.Equal(empty with { Events = 0, Oldest = 0, Head = 0, DeadLetters = 0, Scheduled = 0 }, empty);
        Assert.Equal(full with { Events = 2, Oldest = 2, Head = 3, DeadLetters = 1, Scheduled = 1 }, full);
        Assert.True(full.Bytes >= empty.Bytes + 190_000);
    }

    [Fact]
    public void Removing_events_gives_their_bytes_back()
    {
        Append(Event("a") with { Body = new byte[500_000] }, Event("b"));
        var before = Log.ReadStatistics().Bytes;

        Commit(static transaction => transaction.RemoveEvents(1, null, 1));

        Assert.True(Log.ReadStatistics().Bytes <= before - 400_000);
    }

    [Fact]
    public void Reading_goes_on_while_a_transaction_is_under_way()
    {
        Append(Event("a"));
        using var transaction = Log.Begin();
        transaction.Append(Event("b"), null);
        transaction.SaveSubscription(Subscription("stock"));

        var read = Task.Factory.StartNew(
            () => (Ids().ToList(), Log.ReadSubscriptions().Count, Log.ReadStatistics().Events),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).GetAwaiter().GetResult();

        Assert.Equal(["a"], read.Item1);
        Assert.Equal((0, 1L), (read.Count, read.Events));
    }

    [Fact]
    public void A_log_in_order_has_nothing_to_tell()
    {
        Append(FullEvent("a"));

        Assert.Empty(Log.CheckIntegrity());
    }
}
