namespace EventBus.BehaviourTests.Faults;

/// <summary>What the handlers of a <see cref="FaultyLife"/> did, in the order in which they did it.</summary>
internal sealed class LifeHistory
{
    private readonly object _gate = new();
    private readonly List<Handling> _handled = [];
    private readonly HashSet<string> _completed = [];
    private readonly List<string> _violations = [];

    public void Add(string subscription, int number, EventContext context)
    {
        lock (_gate)
        {
            if (subscription == "once" && _completed.Contains(context.Id))
                _violations.Add($"{number} was handled again by an idempotent subscription after its completion was committed");
            _handled.Add(new(subscription, number, context.Sequence!.Value, context.IsReplay)); // Its subscriptions are durable.
        }
    }

    public void Complete(string id)
    {
        lock (_gate)
            _completed.Add(id);
    }

    public void Require(bool promise, string text)
    {
        if (!promise)
            _violations.Add(text);
    }

    /// <summary>How often a subscription has handled each number.</summary>
    public Dictionary<int, int> CountsOf(string subscription, bool isReplay) =>
        Of(subscription, isReplay).GroupBy(static one => one.Number).ToDictionary(static number => number.Key, static number => number.Count());

    /// <summary>The numbers of a key in the order of their first handling.</summary>
    public List<long> OrderOf(string subscription, bool isReplay, Func<int, bool> hasKey) =>
        [.. Of(subscription, isReplay).Where(one => hasKey(one.Number)).Select(static one => one.Sequence).Distinct()];

    public void Judge(string circumstances)
    {
        if (_violations.Count > 0)
            throw new InvalidOperationException(string.Join("\n", _violations.Append(circumstances).Concat(_handled.Select(static one => $"  {one}"))));
    }

    private IEnumerable<Handling> Of(string subscription, bool isReplay) => _handled.Where(one => one.Subscription == subscription && one.IsReplay == isReplay);

    private sealed record Handling(string Subscription, int Number, long Sequence, bool IsReplay);
}
