namespace EventBus.BehaviourTests.Model;

/// <summary>What must be true of a history when everything is settled.</summary>
internal static class Promises
{
    public static void Check(Subscriber subscriber, History history, IReadOnlyList<DeadLetter> letters)
    {
        var attempts = history.Attempts.Where(attempt => attempt.Subscriber == subscriber.Name).ToList();
        var letterNumbers = letters.Select(static letter => ((Fact)letter.Event).Number).ToList();
        CheckCounts(subscriber, history, attempts);
        foreach (var delivery in attempts.GroupBy(static attempt => attempt.Fact.Number))
            CheckLives(subscriber, history, [.. delivery], letterNumbers.Count(number => number == delivery.Key));
        history.Require(letterNumbers.TrueForAll(number => attempts.Exists(attempt => attempt.Fact.Number == number)), $"{subscriber.Name} has a dead letter of an event that it never saw");
        CheckAcceptedAreSettled(subscriber, history, attempts);
        CheckOrder(subscriber, history, attempts);
    }

    private static void CheckCounts(Subscriber subscriber, History history, List<Attempt> attempts)
    {
        var counts = subscriber.Subscription.Statistics;
        Require("handled", counts.Handled, attempts.Count(static attempt => attempt.Result == Result.Handled));
        Require("dead letters", counts.DeadLettered, attempts.Count(static attempt => attempt.IsBuried));
        Require("retried", counts.Retried, attempts.Count(static attempt => attempt.Result == Result.Failed && !attempt.IsBuried));
        Require("settled of accepted", counts.Settled, counts.Accepted);
        var least = subscriber.Known.Count + subscriber.Redrives;
        history.Require(counts.Accepted >= least, $"{subscriber.Name} accepted {counts.Accepted}, at least {least} were expected: {counts}");
        var most = least + subscriber.Perhaps.Count + subscriber.RedrivesWithoutRoom;
        history.Require(counts.Accepted <= most, $"{subscriber.Name} accepted {counts.Accepted}, at most {most} were expected: {counts}");
        foreach (var number in attempts.Select(static attempt => attempt.Fact.Number).Except(subscriber.Known).Except(subscriber.Perhaps))
            history.Violation($"{subscriber.Name} handled #{number}, which it never accepted");

        void Require(string what, long counted, long expected) =>
            history.Require(counted == expected, $"{subscriber.Name} counts {counted} {what}, expected {expected}: {counts}");
    }

    // Attempts are numbered from 1 without gaps, and after the last one there is none but by redrive.
    private static void CheckLives(Subscriber subscriber, History history, List<Attempt> delivery, int letters)
    {
        var lives = 0;
        var buried = 0;
        var expected = 1;
        foreach (var attempt in delivery)
        {
            lives += expected == 1 && attempt.Number == 1 ? 1 : 0;
            history.Require(attempt.Number == expected, $"{subscriber.Name}: {attempt.Fact} had attempt {attempt.Number} where {expected} was due");
            history.Require(attempt.Result != Result.Running, $"{subscriber.Name}: {attempt.Fact} still runs");
            buried += attempt.IsBuried ? 1 : 0;
            if (attempt.Result == Result.Postponed)
                lives -= attempt.Number == 1 ? 1 : 0;
            else
                expected = attempt.IsFollowed ? attempt.Number + 1 : 1;
        }

        var redrives = subscriber.RedrivesOf(delivery[0].Fact.Number);
        history.Require(lives <= 1 + redrives, $"{subscriber.Name}: {delivery[0].Fact} was delivered {lives} times and redriven {redrives} times");
        history.Require(buried == redrives + letters, $"{subscriber.Name}: {delivery[0].Fact} was given up {buried} times, redriven {redrives} times, and is {letters} times among the dead letters");
        // What another of the same id has done meanwhile need not be tried again.
        var mayEnd = subscriber.Ended || subscriber.Shape.IsIdempotent;
        history.Require(mayEnd || !delivery[^1].IsFollowed, $"{subscriber.Name}: {delivery[0].Fact} was left after attempt {delivery[^1].Number}");
    }

    private static void CheckAcceptedAreSettled(Subscriber subscriber, History history, List<Attempt> attempts)
    {
        var seen = attempts.Select(static attempt => attempt.Fact.Number).ToHashSet();
        var unseen = subscriber.Known.Where(number => !seen.Contains(number)).ToList();
        var counts = subscriber.Subscription.Statistics;
        history.Require(unseen.Count <= counts.Dropped + counts.Duplicates, $"{subscriber.Name} lost some of {string.Join(", ", unseen)}: {counts}");
        if (!subscriber.Shape.IsIdempotent)
            return;
        foreach (var id in attempts.Where(static attempt => attempt.Result == Result.Handled).GroupBy(static attempt => attempt.Fact.Id))
            history.Require(id.Count() == 1, $"{subscriber.Name} handled id {id.Key} {id.Count()} times");
    }

    private static void CheckOrder(Subscriber subscriber, History history, List<Attempt> attempts)
    {
        foreach (var key in attempts.GroupBy(attempt => subscriber.Shape.KeyOf(attempt.Fact)))
        {
            if (key.Key is null && subscriber.Shape.Concurrency > 1)
                continue;
            if (key.Key is not null)
                CheckNobodyOvertakes(subscriber, history, key);
            if (!history.HandlerWasRefused)
                CheckCauseBeforeEffect(subscriber, history, [.. key.Select(static attempt => attempt.Fact).DistinctBy(static fact => fact.Number)]);
            foreach (var publisher in key.Where(static attempt => !attempt.Fact.IsFollowUp).GroupBy(static attempt => attempt.Fact.Publisher))
            {
                var first = publisher.Select(static attempt => attempt.Fact.Number).Distinct().ToList();
                history.Require(first.SequenceEqual(first.Order()), $"{subscriber.Name} began key {key.Key ?? "none"} of publisher {publisher.Key} in the order {string.Join(", ", first)}");
            }
        }
    }

    // Of what it saw of both.
    private static void CheckCauseBeforeEffect(Subscriber subscriber, History history, List<Fact> begun)
    {
        for (var i = 0; i < begun.Count; i++)
        {
            var cause = begun.FindIndex(fact => fact.Number == begun[i].Cause);
            history.Require(cause < i, $"{subscriber.Name} began {begun[i]} before #{begun[i].Cause}, which it follows from");
        }
    }

    // While a delivery waits for its retry, no other of its key is begun. (One that turns out to be a duplicate ends unseen.)
    private static void CheckNobodyOvertakes(Subscriber subscriber, History history, IEnumerable<Attempt> attempts)
    {
        if (subscriber.Shape.IsIdempotent)
            return;
        Attempt? waits = null;
        foreach (var attempt in attempts)
        {
            history.Require(waits is null || waits.Fact.Number == attempt.Fact.Number, $"{subscriber.Name}: {attempt.Fact} overtook {waits?.Fact}");
            waits = attempt.IsFollowed ? attempt : null;
        }
    }
}
