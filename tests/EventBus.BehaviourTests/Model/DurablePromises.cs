namespace EventBus.BehaviourTests.Model;

/// <summary>What must be true of a durable subscription when everything is settled.</summary>
internal static class DurablePromises
{
    /// <param name="subscriber">Who had to get them.</param>
    /// <param name="accepted">The numbers of the events that are in the log.</param>
    /// <param name="letters">Those that are among its dead letters.</param>
    public static void Check(DurableSubscriber subscriber, IReadOnlyCollection<int> accepted, HashSet<int> letters)
    {
        Require(subscriber.Violations.Count == 0, string.Join("\n", subscriber.Violations));
        var handled = subscriber.Handled.Select(static handling => handling.Fact.Number).ToHashSet();
        var due = accepted.Where(subscriber.IsDue).ToList();
        Require(due.TrueForAll(number => handled.Contains(number) || letters.Contains(number)), $"{subscriber.Name} lost some of {string.Join(", ", due.Except(handled).Except(letters))}");
        Require(handled.IsSubsetOf(accepted), $"{subscriber.Name} handled {string.Join(", ", handled.Except(accepted))}, which are not in the log");
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
