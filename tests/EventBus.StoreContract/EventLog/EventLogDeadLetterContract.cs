using EventBus.Storage;
using static EventBus.StoreContract.LogFacts;

namespace EventBus.StoreContract;

/// <summary>What every <see cref="IEventLog"/> must keep of dead letters.</summary>
/// <typeparam name="THome">Where the log lives.</typeparam>
public abstract class EventLogDeadLetterContract<THome> : EventLogContract<THome>
    where THome : IEventLogHome, new()
{
    private static readonly DeadLetterQuery s_all = new();

    [Fact]
    public void A_letter_comes_back_with_all_its_facts()
    {
        var letter = Letter("a", record: FullEvent("a") with { Sequence = 12 }) with { LastAttemptTime = Time.AddTicks(9), IsSuperseded = true };
        AppendUpTo(12);
        var id = Add(letter);

        Restart();

        AssertSame(letter with { Id = id, LastAttemptTime = Time }, Assert.Single(Log.ReadDeadLetters(s_all, 0, 10)));
        AssertSame(letter with { Id = id, LastAttemptTime = Time }, Log.ReadDeadLetter(id)!);
    }

    [Fact]
    public void A_letter_keeps_its_event_after_the_log_has_forgotten_it()
    {
        var sequence = Append(FullEvent("a"))[0];
        var id = Add(Letter("a", record: Log.Read(0, 1)[0]));
        Commit(static transaction => transaction.RemoveEvents(long.MaxValue, null, 10));

        AssertSame(FullEvent("a") with { Sequence = sequence }, Log.ReadDeadLetter(id)!.Record);
    }

    [Fact]
    public void A_letter_of_an_event_that_was_not_in_the_log_has_no_sequence()
    {
        var id = Add(Letter("a"));

        Assert.Equal(0, Log.ReadDeadLetter(id)!.Record.Sequence);
    }

    [Fact]
    public void Odd_texts_come_back_as_they_are()
    {
        foreach (var text in OddTexts)
        {
            var letter = Letter(text, text, FullEvent(text) with { Type = text }) with { ExceptionType = text, Description = text, ExceptionText = text };
            AssertSame(letter with { Id = Add(letter) }, Log.ReadDeadLetters(s_all, 0, 100)[^1]);
        }
    }

    [Fact]
    public void Ids_grow_and_are_not_given_again_after_the_letters_have_gone_and_the_log_was_opened_again()
    {
        var ids = Fill(3);
        Remove([.. ids]);
        Restart();
        var afterRestart = Add(Letter("a"));
        Remove(afterRestart);
        Crash();
        var afterCrash = Add(Letter("b"));

        Assert.Equal([.. ids.Order()], ids);
        Assert.True(ids[0] > 0 && ids[^1] < afterRestart && afterRestart < afterCrash);
    }

    [Fact]
    public void Reading_pages_by_the_last_id_seen_also_where_that_letter_has_gone()
    {
        var ids = Fill(25);
        Remove(ids[9]);

        var first = Log.ReadDeadLetters(s_all, 0, 9);
        var second = Log.ReadDeadLetters(s_all, ids[9], 10);
        var third = Log.ReadDeadLetters(s_all, second[^1].Id, 10);

        Assert.Equal(ids[..9], first.Select(static letter => letter.Id));
        Assert.Equal(ids[10..20], second.Select(static letter => letter.Id));
        Assert.Equal(ids[20..], third.Select(static letter => letter.Id));
        Assert.Empty(Log.ReadDeadLetters(s_all, long.MaxValue, 10));
    }

    [Fact]
    public void A_query_chooses_by_subscription_type_reason_and_conversation()
    {
        Add(Letter("a", "mail"));
        Add(Letter("b", record: FullEvent("b") with { Type = "x" }));
        Add(Letter("c") with { Reason = DeadLetterReason.NotRetried });
        Add(Letter("d", record: FullEvent("d") with { CorrelationId = "visit-8" }));
        Add(Letter("e", "mail", FullEvent("e") with { Type = "x" }));
        Add(Letter("visit-8", record: FullEvent("visit-8") with { CorrelationId = null }));

        AssertChosen(new() { Subscription = "mail" }, "a", "e");
        AssertChosen(new() { EventType = "x" }, "b", "e");
        AssertChosen(new() { Reason = DeadLetterReason.NotRetried }, "c");
        AssertChosen(new() { CorrelationId = "visit-8" }, "d", "visit-8");
        AssertChosen(new() { Subscription = "mail", EventType = "x", Reason = DeadLetterReason.RefusedByHandler, CorrelationId = "visit-7" }, "e");
        AssertChosen(new() { Subscription = "Mail" });
        AssertChosen(new() { EventType = "unknown" });
        AssertChosen(s_all, "a", "b", "c", "d", "e", "visit-8");
    }

    [Fact]
    public void A_letter_being_redriven_is_neither_listed_nor_counted_but_found_by_its_id()
    {
        var ids = Fill(3);

        Commit(transaction => transaction.MarkDeadLetter(ids[1], isRedriven: true));
        Crash();

        Assert.Equal([ids[0], ids[2]], Log.ReadDeadLetters(s_all, 0, 10).Select(static letter => letter.Id));
        Assert.Equal(2, Log.ReadDeadLetterCount(s_all));
        Assert.Equal(ids[1], Log.ReadDeadLetter(ids[1])?.Id);
    }

    [Fact]
    public void Of_two_that_mark_a_letter_only_the_first_is_told_so()
    {
        var id = Add(Letter("a"));

        var first = Commit(transaction => transaction.MarkDeadLetter(id, isRedriven: true));
        var second = Commit(transaction => transaction.MarkDeadLetter(id, isRedriven: true));
        var back = Commit(transaction => transaction.MarkDeadLetter(id, isRedriven: false));
        var backAgain = Commit(transaction => transaction.MarkDeadLetter(id, isRedriven: false));
        var unknown = Commit(transaction => transaction.MarkDeadLetter(id + 1, isRedriven: true));

        Assert.Equal((true, false, true, false, false), (first, second, back, backAgain, unknown));
        Assert.Equal(1, Log.ReadDeadLetterCount(s_all));
    }

    [Fact]
    public void Superseding_marks_the_letters_of_a_subscription_from_a_sequence_up_to_another()
    {
        foreach (var sequence in new[] { 0, 4, 5, 6, 7 })
            Add(Letter($"{sequence}", record: FullEvent($"{sequence}") with { Sequence = sequence }));
        Add(Letter("other", "mail", FullEvent("other") with { Sequence = 5 }));

        Commit(static transaction => transaction.SupersedeDeadLetters("audit", 5, 6));

        Assert.Equal(["5", "6"], Log.ReadDeadLetters(s_all, 0, 10).Where(static letter => letter.IsSuperseded).Select(static letter => letter.Record.Id));
    }

    [Fact]
    public void A_removed_letter_is_gone_once_and_for_all()
    {
        var ids = Fill(2);

        var first = Remove(ids[0]);
        var second = Remove(ids[0]);

        Assert.Equal((1, 0), (first, second));
        Assert.Null(Log.ReadDeadLetter(ids[0]));
        Assert.Equal(1, Log.ReadDeadLetterCount(s_all));
        foreach (var unknown in new[] { 0, -1, long.MaxValue })
            Assert.Null(Log.ReadDeadLetter(unknown));
    }

    [Fact]
    public void A_letter_and_the_end_of_its_delivery_are_there_together()
    {
        Commit(static transaction => transaction.SaveDelivery("audit", Delivery(1)));
        RollBack(Bury);
        var before = (Log.ReadDeliveries("audit").Count, Log.ReadDeadLetterCount(s_all));

        Commit(Bury);
        Crash();

        Assert.Equal((1, 0L), before);
        Assert.Equal((0, 1L), (Log.ReadDeliveries("audit").Count, Log.ReadDeadLetterCount(s_all)));

        static void Bury(ILogTransaction transaction)
        {
            transaction.AddDeadLetter(Letter("a"));
            transaction.RemoveDelivery("audit", 1, 0);
        }
    }

    private long Add(LogDeadLetter letter) => Commit(transaction => transaction.AddDeadLetter(letter));

    private List<long> Fill(int count) => Commit(transaction => Enumerable.Range(0, count).Select(i => transaction.AddDeadLetter(Letter($"{i}"))).ToList());

    private int Remove(params long[] ids) => Commit(transaction => ids.Count(transaction.RemoveDeadLetter));

    private void AssertChosen(DeadLetterQuery query, params string[] ids)
    {
        Assert.Equal(ids, Log.ReadDeadLetters(query, 0, 100).Select(static letter => letter.Record.Id));
        Assert.Equal(ids.Length, Log.ReadDeadLetterCount(query));
    }
}
