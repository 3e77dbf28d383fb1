namespace EventBus.BehaviourTests.Model;

/// <summary>What must be true of a durable subscription when everything is settled.</summary>
internal static class DurablePromises
{
    /// <param name="subscriber">Who had to get them.</param>
    /// <param name="stored">The events that the log was given, and what retention has removed of them too.</param>
    /// <param name="letters">Those that are among its dead letters.</param>
    public static void Check(DurableSubscriber subscriber, IReadOnlyCollection<Fact> stored, IReadOnlyList<int> letters)
    {
        Require(subscriber.Violations.Count == 0, string.Join("\n", subscriber.Violations));
        var once = letters.Where(number => !subscriber.CameAgain(number)).ToList();
        Require(once.Distinct().Count() == once.Count, $"{subscriber.Name} has dead letters of the events {string.Join(", ", once)}");
        var handled = subscriber.Handled.Select(static handling => handling.Fact.Number).ToHashSet();
        // Once the first event of an id is gone from the log the id is stored again, and who recognises what it has done handles one of the two.
        var done = subscriber.Shape.IsIdempotent ? stored.Where(fact => handled.Contains(fact.Number) || letters.Contains(fact.Number)).Select(static fact => fact.Id).ToHashSet() : [];
        var lost = stored.Where(fact => subscriber.IsDue(fact.Number) && !handled.Contains(fact.Number) && !letters.Contains(fact.Number) && !done.Contains(fact.Id)).ToList();
        Require(lost.Count == 0, $"{subscriber.Name} lost {string.Join(", ", lost)}");
        var unknown = handled.Except(stored.Select(static fact => fact.Number)).ToList();
        Require(unknown.Count == 0, $"{subscriber.Name} handled {string.Join(", ", unknown)}, which are not in the log");
        foreach (var fact in subscriber.Handled.GroupBy(static handling => handling.Fact.Number))
            Require(fact.Select(static handling => handling.Sequence).Distinct().Count() == 1, $"{subscriber.Name} handled #{fact.Key} under several sequences");
        foreach (var key in subscriber.Handled.Where(handling => subscriber.IsDue(handling.Fact.Number) && !subscriber.HasBuried(handling.Fact.Number)).GroupBy(handling => subscriber.Shape.KeyOf(handling.Fact)).Where(static key => key.Key is not null))
            CheckOrder(subscriber, key.Key!, [.. key]);
    }

    // Within one process, and one replay, the handlings of a key never go back; and over all of them the last effect of a key is that of its newest event.
    private static void CheckOrder(DurableSubscriber subscriber, string key, List<Handling> handled)
    {
        foreach (var life in handled.GroupBy(static handling => (handling.Crashes, handling.Generation)))
        {
            var order = life.Select(static handling => handling.Sequence).ToList();
            Require(order.SequenceEqual(order.Order()), $"{subscriber.Name} handled key {key} in the order {string.Join(", ", order)}");
        }

        var first = handled.Select(static handling => handling.Sequence).Distinct().ToList();
        Require(first.SequenceEqual(first.Order()), $"{subscriber.Name} handled key {key} first in the order {string.Join(", ", first)}");
        Require(handled[^1].Sequence == first[^1], $"{subscriber.Name} handled #{handled[^1].Sequence} of key {key} after #{first[^1]}, and it was the last");
    }

    private static void Require(bool promise, string text)
    {
        if (!promise)
            throw new InvalidOperationException(text);
    }
}
