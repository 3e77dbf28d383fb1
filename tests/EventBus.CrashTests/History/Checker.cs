using EventBus.CrashChild;

namespace EventBus.CrashTests.History;

/// <summary>Judges a history: what several processes, one after the other on one file, said before each was killed, and what is in the file in the end. Pure.</summary>
internal sealed class Checker
{
    private readonly IReadOnlyList<Entry> _history;
    private readonly Stored _stored;
    private readonly ILookup<string, Entry> _entries;
    private readonly ILookup<(string Subscription, string Event), Entry> _handled;
    private readonly ILookup<(string Subscription, string Event), StoredLetter> _letters;
    private readonly ILookup<string, StoredEvent> _events;
    private readonly ILookup<int, int> _replays;
    private readonly Dictionary<Entry, int> _places = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> _violations = [];

    private Checker(IReadOnlyList<Entry> history, Stored stored)
    {
        _history = history;
        _stored = stored;
        _entries = history.ToLookup(static entry => entry.What);
        _handled = _entries["handled"].ToLookup(static entry => (entry.Subscription, entry.Event));
        _letters = stored.Letters.ToLookup(static letter => (letter.Subscription, letter.Name));
        _events = stored.Events.ToLookup(static stored => stored.Name);
        for (var place = 0; place < history.Count; place++)
            _places[history[place]] = place;
        _replays = _entries["replaying"].ToLookup(static entry => entry.Life, entry => _places[entry]);
    }

    /// <returns>What is wrong, in words; nothing if every promise was kept.</returns>
    public static IReadOnlyList<string> Check(IReadOnlyList<Entry> history, Stored stored)
    {
        var checker = new Checker(history, WithRemoved(history, stored));
        checker.CheckFile();
        checker.CheckPublishing();
        checker.CheckBatches();
        foreach (var stored1 in checker._stored.Events)
            checker.CheckSettled(stored1);
        checker.CheckHandled();
        checker.CheckSequences();
        checker.CheckLogOrder();
        checker.CheckOrder(Subscriptions.Ordered);
        foreach (var subscription in new[] { Subscriptions.Failing, Subscriptions.Paused, Subscriptions.Hanging, Subscriptions.Replayed })
            checker.CheckOrder(subscription);
        checker.CheckQueuedReminders();
        checker.CheckRepeats();
        return checker._violations;
    }

    // What retention has removed was handled: without it the log knows less than the history.
    private static Stored WithRemoved(IReadOnlyList<Entry> history, Stored stored)
    {
        if (!history.Any(static entry => entry.What == "replaying"))
            return stored;
        var oldest = stored.Events.Count == 0 ? long.MaxValue : stored.Events.Min(static kept => kept.Sequence);
        var kept = stored.Events.Select(static kept => kept.Name).ToHashSet();
        var removed = history.Where(entry => entry.What == "handled" && entry.Sequence > 0 && entry.Sequence < oldest && !kept.Contains(entry.Event))
            .DistinctBy(static entry => (entry.Event, entry.Sequence)).Select(static entry => new StoredEvent(entry.Sequence, entry.Event, $"removed {entry.Sequence}"));
        return stored with { Events = [.. removed.OrderBy(static gone => gone.Sequence), .. stored.Events] };
    }

    private void CheckFile()
    {
        Report(_stored.Damage.Concat(_entries["damage"].Select(static entry => entry.ToString())), static damage => $"the file is damaged: {damage}");
        Report(_stored.Leftovers, static left => $"not settled: {left}");
        Report(_entries["fail"], static failure => $"a publish failed: {failure}");
        Report(_stored.Letters.Where(letter => !_events.Contains(letter.Name)), static letter => $"{letter} is of no event");
    }

    private void CheckPublishing()
    {
        var tried = _entries["try"].Select(static entry => entry.Event).ToHashSet();
        Report(_entries["ack"].Where(entry => !_events.Contains(entry.Event)), static entry => $"lost: {entry.Event} was acknowledged in life {entry.Life} and is not in the log");
        Report(_stored.Events.Where(stored => !tried.Contains(stored.Name)), static stored => $"{stored} was never published");
        Report(_events.Where(static events => events.Count() > 1), static events => $"{events.Key} is stored {events.Count()} times: {string.Join(", ", events.Select(static stored => stored.Sequence))}");
        Report(_stored.Events.GroupBy(static stored => stored.Id).Where(static events => events.Count() > 1), static events => $"id {events.Key} is stored {events.Count()} times");
    }

    private void CheckBatches() =>
        Report(
            FactsOf(_stored.Events).Where(fact => fact.WithBatch().Any(other => !_events.Contains(other.Name))),
            static fact => $"{fact.Name} is stored without the others of its batch");

    // What must become of an event it tells by itself.
    private void CheckSettled(StoredEvent stored)
    {
        if (stored.Name.StartsWith(Reminder.Prefix, StringComparison.Ordinal))
        {
            RequireHandled(Subscriptions.Reminders, stored);
            return;
        }

        var fact = Fact.Parse(stored.Name);
        RequireHandled(Subscriptions.Ordered, stored);
        RequireHandled(Subscriptions.Idempotent, stored);
        RequireHandled(Subscriptions.Paused, stored);
        RequireHandled(Subscriptions.Hanging, stored);
        RequireHandled(Subscriptions.Replayed, stored);
        if (fact.IsPoison)
            RequireLetter(Subscriptions.Failing, stored, DeadLetterReason.MaxAttemptsExceeded);
        else
            RequireHandled(Subscriptions.Failing, stored);
        if (fact.IsRefused && !fact.IsTakenLater)
            RequireLetter(Subscriptions.Refusing, stored, DeadLetterReason.RefusedByHandler);
        else
            RequireHandled(Subscriptions.Refusing, stored);
    }

    private void RequireHandled(string subscription, StoredEvent stored)
    {
        if (!_handled.Contains((subscription, stored.Name)))
            _violations.Add($"lost: {subscription} did not handle {stored}");
        Report(_letters[(subscription, stored.Name)], letter => $"{letter} stands for an event that {subscription} can handle");
    }

    private void RequireLetter(string subscription, StoredEvent stored, DeadLetterReason reason)
    {
        var letters = _letters[(subscription, stored.Name)].ToList();
        if (letters.Count != 1)
            _violations.Add($"{stored} has {letters.Count} dead letters of {subscription} instead of one");
        Report(letters.Where(letter => letter.Reason != reason), letter => $"{letter} should say {reason}");
        Report(_handled[(subscription, stored.Name)], static entry => $"handled and a dead letter: {entry}");
    }

    private void CheckHandled()
    {
        var tried = new HashSet<string>();
        foreach (var entry in _history)
        {
            if (entry.What == "try")
                tried.Add(entry.Event);
            else if (entry.What == "handled" && !tried.Contains(entry.Event))
                _violations.Add($"handled before it was published: {entry}");
            else if (entry.What == "handled" && entry.Subscription != Subscriptions.QueuedReminders && !_events[entry.Event].Any(stored => stored.Sequence == entry.Sequence))
                _violations.Add($"handled under a sequence that the log does not have for it: {entry}");
        }
    }

    private void CheckSequences() =>
        Report(
            _entries["handled"].Where(static entry => entry.Sequence > 0).Select(static entry => (entry.Sequence, Name: entry.Event)).Concat(_stored.Events.Select(static stored => (stored.Sequence, stored.Name)))
                .Distinct().GroupBy(static use => use.Sequence).Where(static uses => uses.Count() > 1),
            static uses => $"sequence {uses.Key} was given to {string.Join(" and ", uses.Select(static use => use.Name))}");

    private void CheckOrder(string subscription)
    {
        var buried = _stored.Letters.Where(letter => letter.Subscription == subscription).Select(static letter => letter.Name).ToHashSet();
        var newest = _stored.Events.Where(stored => !stored.Name.StartsWith(Reminder.Prefix, StringComparison.Ordinal) && !buried.Contains(stored.Name))
            .GroupBy(static stored => Fact.Parse(stored.Name).Key).ToDictionary(static key => key.Key, static key => key.Max(static stored => stored.Sequence));
        foreach (var key in _entries["handled"].Where(entry => entry.Subscription == subscription && !buried.Contains(entry.Event)).GroupBy(static entry => Fact.Parse(entry.Event).Key))
        {
            var handlings = key.Select(entry => new KeyHandling(entry.Life, entry.Sequence, ReplaysBefore(entry), entry.ToString())).ToList();
            Report(KeyOrder.Check(handlings, newest.TryGetValue(key.Key, out var sequence) ? sequence : null), violation => $"{subscription}, key {key.Key}: {violation}");
        }
    }

    // A life begins its replay when everything is settled.
    private int ReplaysBefore(Entry entry) => _replays[entry.Life].Count(replay => replay < _places[entry]);

    // What becomes due while its process lives reaches queued subscriptions too: where the process was not killed, and the durable one had it from the same activation.
    private void CheckQueuedReminders()
    {
        var stopped = _entries["stopped"].Select(static entry => entry.Life).ToHashSet();
        var firstTries = _entries["try"].DistinctBy(static entry => entry.Event).ToDictionary(static entry => entry.Event, static entry => entry.Life);
        Report(
            _entries["handled"].Where(entry => entry.Subscription == Subscriptions.Reminders && stopped.Contains(entry.Life) && firstTries.GetValueOrDefault(entry.Event, -1) == entry.Life
                && !_handled[(Subscriptions.QueuedReminders, entry.Event)].Any(queued => queued.Life == entry.Life)),
            static entry => $"lost: {Subscriptions.QueuedReminders} did not get {entry.Event}, which became due in life {entry.Life}");
    }

    // A key has one publisher, which publishes one event after the other: the log has them in this order, but for what found the log locked and was published again later.
    private void CheckLogOrder()
    {
        var late = _entries["busy"].Select(static entry => entry.Event).ToHashSet();
        foreach (var key in FactsOf(_stored.Events.OrderBy(static stored => stored.Sequence)).Where(fact => !late.Contains(fact.Name)).GroupBy(static fact => fact.Key))
        {
            Report(
                key.Zip(key.Skip(1)).Where(static pair => pair.First.Number >= pair.Second.Number),
                pair => $"the log has key {key.Key} out of order: {pair.First.Name} and then {pair.Second.Name}");
        }
    }

    private void CheckRepeats()
    {
        var stopped = _entries["stopped"].Select(static entry => entry.Life).ToHashSet();
        foreach (var deliveries in _handled)
        {
            foreach (var (earlier, later) in deliveries.Zip(deliveries.Skip(1)))
            {
                if (later.IsReplay)
                    continue;
                if (earlier.Life == later.Life)
                    _violations.Add($"handled again although nobody was killed: {later}");
                else if (stopped.Contains(earlier.Life))
                    _violations.Add($"handled again although life {earlier.Life} had stopped with everything stored: {later}");
            }
        }

        var completed = new HashSet<(string, string)>();
        foreach (var entry in _history)
        {
            if (entry.What == "completed")
                completed.Add((entry.Subscription, entry.Event));
            else if (entry.What == "handled" && completed.Contains((entry.Subscription, entry.Event)))
                _violations.Add($"handled again after its completion was committed: {entry}");
        }
    }

    private static IEnumerable<Fact> FactsOf(IEnumerable<StoredEvent> events) =>
        events.Where(static stored => !stored.Name.StartsWith(Reminder.Prefix, StringComparison.Ordinal)).Select(static stored => Fact.Parse(stored.Name));

    private void Report<T>(IEnumerable<T> wrong, Func<T, string> say) => _violations.AddRange(wrong.Select(say));
}
