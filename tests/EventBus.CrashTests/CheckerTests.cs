using EventBus.CrashChild;
using EventBus.CrashTests.History;

namespace EventBus.CrashTests;

/// <summary>The judge itself: a right history passes, and each way to break a promise is found.</summary>
public sealed class CheckerTests
{
    private readonly List<Entry> _history = [];
    private Stored _stored = new();

    public CheckerTests()
    {
        // Two events of one key, of which the first is handled again after a crash; a poisoned, a refused and a scheduled one.
        Say(0, "started", "try 1-1", "ack 1-1", "try 1-4", "handled ordered 1-1 1 1", "handled idempotent 1-1 1 1", "completed idempotent 1-1", "handled paused 1-1 1 1", "handled hanging 1-1 1 1", "handled replayed 1-1 1 1");
        Say(1, "started", "handled ordered 1-1 1 1", "try 1-7", "ack 1-7", "try 2-18", "ack 2-18", "try r-1", "ack r-1");
        foreach (var (name, sequence) in new[] { ("1-1", 1), ("1-4", 2), ("1-7", 3), ("2-18", 4) })
        {
            if (sequence > 1)
                Say(1, $"handled paused {name} {sequence} 1", $"handled hanging {name} {sequence} 1", $"handled replayed {name} {sequence} 1", $"handled ordered {name} {sequence} 1", $"handled idempotent {name} {sequence} 1", $"completed idempotent {name}");
            if (name != "1-7")
                Say(1, $"handled failing {name} {sequence} 1");
            if (name != "2-18")
                Say(1, $"handled refusing {name} {sequence} 1");
        }

        Say(1, "handled reminders r-1 5 1", "handled queued-reminders r-1 0 1", "stopped");
        _stored = new()
        {
            Events = [new(1, "1-1", "a"), new(2, "1-4", "1-4"), new(3, "1-7", "c"), new(4, "2-18", "2-18"), new(5, "r-1", "e")],
            Letters =
            [
                new(Subscriptions.Failing, "1-7", DeadLetterReason.MaxAttemptsExceeded, Subscriptions.PoisonAttempts),
                new(Subscriptions.Refusing, "2-18", DeadLetterReason.RefusedByHandler, 1),
            ],
        };
    }

    [Fact]
    public void A_right_history_passes() => Assert.Empty(Checker.Check(_history, _stored));

    [Fact]
    public void An_acknowledged_event_that_is_gone_is_found()
    {
        Say(1, "try 1-10", "ack 1-10");

        Finds("lost: 1-10 was acknowledged in life 1 and is not in the log");
    }

    [Fact]
    public void An_event_that_nobody_handled_is_found()
    {
        _history.RemoveAll(static entry => entry is { What: "handled", Words: [Subscriptions.Failing, "1-4", ..] });

        Finds("lost: failing did not handle StoredEvent { Sequence = 2, Name = 1-4, Id = 1-4 }");
    }

    [Fact]
    public void A_scheduled_event_that_nobody_handled_is_found()
    {
        _history.RemoveAll(static entry => entry is { What: "handled", Words: [Subscriptions.Reminders, ..] });

        Finds("lost: reminders did not handle");
    }

    [Fact]
    public void An_event_that_nobody_published_is_found()
    {
        _stored = _stored with { Events = [.. _stored.Events, new(6, "r-2", "x")] };
        Say(1, "handled reminders r-2 6 1");

        Finds("StoredEvent { Sequence = 6, Name = r-2, Id = x } was never published");
    }

    [Fact]
    public void An_event_that_is_handled_before_it_is_published_is_found()
    {
        _history.Insert(0, Entry.Parse(0, "handled ordered 1-1 1 1"));

        Finds("handled before it was published: 0: handled ordered 1-1 1 1");
    }

    [Fact]
    public void An_event_that_is_stored_twice_is_found()
    {
        _stored = _stored with { Events = [.. _stored.Events, new(6, "1-4", "1-4")] };

        Finds("1-4 is stored 2 times: 2, 6");
        Finds("id 1-4 is stored 2 times");
    }

    [Fact]
    public void A_batch_that_is_not_whole_is_found()
    {
        Say(1, "try 0-1");
        _stored = _stored with { Events = [.. _stored.Events, new(6, "0-1", "x")] };

        Finds("0-1 is stored without the others of its batch");
    }

    [Fact]
    public void A_poisoned_event_in_neither_place_is_found()
    {
        _stored = _stored with { Letters = [_stored.Letters[1]] };

        Finds("has 0 dead letters of failing instead of one");
    }

    [Fact]
    public void A_dead_letter_that_is_there_twice_is_found()
    {
        _stored = _stored with { Letters = [.. _stored.Letters, _stored.Letters[0]] };

        Finds("has 2 dead letters of failing instead of one");
    }

    [Fact]
    public void A_dead_letter_of_an_event_that_was_handled_is_found()
    {
        _stored = _stored with { Letters = [.. _stored.Letters, new(Subscriptions.Ordered, "1-1", DeadLetterReason.MaxAttemptsExceeded, 100)] };

        Finds("stands for an event that ordered can handle");
    }

    [Fact]
    public void A_dead_letter_whose_event_was_handled_too_is_found()
    {
        Say(1, "handled refusing 2-18 4 1");

        Finds("handled and a dead letter: 1: handled refusing 2-18 4 1");
    }

    [Fact]
    public void A_dead_letter_with_another_reason_is_found()
    {
        _stored = _stored with { Letters = [_stored.Letters[0], _stored.Letters[1] with { Reason = DeadLetterReason.MaxAttemptsExceeded }] };

        Finds("should say RefusedByHandler");
    }

    [Fact]
    public void A_key_out_of_order_is_found()
    {
        var first = _history.FindIndex(static entry => entry is { Life: 1, What: "handled", Words: [Subscriptions.Failing, "1-1", ..] });
        var second = _history.FindIndex(static entry => entry is { What: "handled", Words: [Subscriptions.Failing, "1-4", ..] });
        (_history[first], _history[second]) = (_history[second], _history[first]);

        Finds("failing, key 1/1: went back in one life: '1: handled failing 1-4 2 1' and then '1: handled failing 1-1 1 1'");
    }

    [Fact]
    public void A_key_that_goes_back_when_it_is_repeated_is_found()
    {
        _history.RemoveAll(static entry => entry.What == "stopped");
        Say(2, "handled ordered 1-4 2 1", "handled ordered 1-1 1 1");

        Finds("ordered, key 1/1: went back in one life: '2: handled ordered 1-4 2 1' and then '2: handled ordered 1-1 1 1'");
    }

    [Fact]
    public void A_key_that_is_left_at_an_older_event_is_found()
    {
        _history.RemoveAll(static entry => entry.What == "stopped");
        Say(2, "handled ordered 1-1 1 1");

        Finds("ordered, key 1/1: was left at '2: handled ordered 1-1 1 1', and its newest event is 3");
    }

    [Fact]
    public void A_key_whose_newest_is_a_dead_letter_may_end_at_the_one_before_it()
    {
        _stored = _stored with { Letters = [.. _stored.Letters, new(Subscriptions.Ordered, "1-7", DeadLetterReason.MaxAttemptsExceeded, 100)] };
        _history.RemoveAll(static entry => entry is { What: "handled", Words: [Subscriptions.Ordered, "1-7", ..] });

        Assert.DoesNotContain(Checker.Check(_history, _stored), static violation => violation.Contains("was left at", StringComparison.Ordinal));
    }

    [Fact]
    public void A_log_that_has_a_key_out_of_order_is_found()
    {
        _stored = _stored with { Events = [.. _stored.Events.Select(static stored => stored with { Sequence = stored.Sequence switch { 1 => 2, 2 => 1, var other => other } })] };

        Finds("the log has key 1/1 out of order: 1-4 and then 1-1");
    }

    [Fact]
    public void A_replay_may_repeat_everything_and_has_to_come_to_the_newest()
    {
        Say(1, "replaying", "handled replayed 1-1 1 1 replay", "handled replayed 1-4 2 1 replay");

        Finds("replayed, key 1/1: was left at '1: handled replayed 1-4 2 1 replay', and its newest event is 3");

        Say(1, "handled replayed 1-7 3 1 replay");

        Assert.Empty(Checker.Check(_history, _stored));
    }

    [Fact]
    public void What_retention_has_removed_must_have_been_handled_by_everybody()
    {
        Say(1, "replaying", "handled replayed 1-7 3 1 replay");
        _stored = _stored with { Events = [.. _stored.Events.Where(static stored => stored.Sequence > 2)] };

        Assert.Empty(Checker.Check(_history, _stored));

        _history.RemoveAll(static entry => entry is { What: "handled", Words: [Subscriptions.Failing, "1-4", ..] });

        Finds("lost: failing did not handle StoredEvent { Sequence = 2, Name = 1-4");
    }

    [Fact]
    public void A_reminder_that_a_queued_subscription_did_not_get_is_found()
    {
        _history.RemoveAll(static entry => entry is { What: "handled", Words: [Subscriptions.QueuedReminders, ..] });

        Finds("lost: queued-reminders did not get r-1, which became due in life 1");
    }

    [Fact]
    public void A_sequence_that_was_given_twice_is_found()
    {
        _history.Insert(5, Entry.Parse(0, "handled ordered 1-4 1 1"));

        Finds("sequence 1 was given to 1-1 and 1-4");
    }

    [Fact]
    public void A_delivery_that_is_repeated_without_a_crash_is_found()
    {
        Say(1, "handled ordered 1-4 2 1");

        Finds("handled again although nobody was killed: 1: handled ordered 1-4 2 1");
    }

    [Fact]
    public void A_delivery_that_is_repeated_after_a_stop_is_found()
    {
        Say(2, "handled ordered 1-4 2 1");

        Finds("handled again although life 1 had stopped with everything stored: 2: handled ordered 1-4 2 1");
    }

    [Fact]
    public void A_completed_delivery_that_is_handled_again_is_found()
    {
        Say(1, "handled idempotent 1-1 1 1");

        Finds("handled again after its completion was committed: 1: handled idempotent 1-1 1 1");
    }

    [Fact]
    public void A_publish_that_failed_is_found()
    {
        Say(1, "fail 1-4 EventLogException: broken");

        Finds("a publish failed: 1: fail 1-4 EventLogException: broken");
    }

    [Fact]
    public void Leftovers_and_damage_are_found()
    {
        _stored = _stored with { Leftovers = ["a row"], Damage = ["a page"] };

        Finds("not settled: a row");
        Finds("the file is damaged: a page");
    }

    private void Say(int life, params string[] lines) => _history.AddRange(lines.Select(line => Entry.Parse(life, line)));

    private void Finds(string violation) =>
        Assert.Contains(Checker.Check(_history, _stored), found => found.Contains(violation, StringComparison.Ordinal));
}
