using System.Globalization;

namespace EventBus.Observing;

/// <summary>Writes a conversation as a tree.</summary>
internal static class FlowTree
{
    public static string Of(EventFlow flow)
    {
        if (flow.Entries.Count == 0)
            return $"Nothing of conversation '{LogText.Safe(flow.CorrelationId)}' is kept.";
        var events = flow.Lasting.GroupBy(static entry => entry.EventId).Select(static entries => new Node(entries)).ToList();
        var byId = events.ToDictionary(static node => node.Id);
        var roots = new List<TextTree>();
        // In order, so that a cause mostly comes before what it led to. One that comes after, or leads to itself, leaves a root.
        foreach (var node in events)
        {
            if (node.CausationId is { } cause && byId.TryGetValue(cause, out var before) && before.Tree is { } tree)
            {
                node.Tree = tree.Add(node.Line(isRoot: false));
            }
            else
            {
                node.Tree = new TextTree(node.Line(isRoot: true));
                roots.Add(node.Tree);
            }

            foreach (var delivery in node.Deliveries)
                Add(node.Tree, [.. delivery]);
        }

        return TextTree.Of(roots);
    }

    /// <summary>What became of a delivery, or of one attempt.</summary>
    public static string Outcome(FlightEntry entry)
    {
        var took = entry.Took > TimeSpan.Zero ? $" after {Of(entry.Took)}" : "";
        var error = entry.ExceptionType is { } type ? $": {LogText.Safe(type)}" : "";
        return entry.Kind switch
        {
            FlightEntryKind.Handled => $"{(entry.IsReplay ? "handled, in a replay," : "handled")}{took}",
            FlightEntryKind.Failed => $"failed, and the publisher was told,{took}{error}",
            FlightEntryKind.Retried => $"failed{took}{error}; again in {Of(entry.Wait)}",
            FlightEntryKind.Postponed => $"put off{error}; again in {Of(entry.Wait)}",
            FlightEntryKind.DeadLettered => $"dead-lettered{took}{error}",
            FlightEntryKind.Filtered => "filtered out",
            FlightEntryKind.Expired => "expired",
            FlightEntryKind.Duplicate => "skipped as a duplicate",
            FlightEntryKind.Dropped => "dropped",
            FlightEntryKind.NotAccepted => "not accepted",
            _ => "accepted, and not settled yet",
        };
    }

    private static void Add(TextTree tree, List<FlightEntry> delivery)
    {
        // What happened before the last thing happened is told below it.
        var steps = delivery.FindAll(static entry => entry.Kind != FlightEntryKind.Accepted);
        var branch = tree.Add($"{LogText.Safe(delivery[0].Subscription!)}: {Outcome(steps.Count > 0 ? steps[^1] : delivery[0])}");
        if (steps.Count > 1)
        {
            foreach (var step in steps)
                branch.AddDetail(string.Create(CultureInfo.InvariantCulture, $"attempt {step.Attempt} at {step.Time:HH:mm:ss.fff}: {Outcome(step)}"));
        }
    }

    private static string Of(TimeSpan time) => time < TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    private sealed class Node
    {
        private readonly FlightEntry _first;
        private readonly FlightEntry? _failure;
        private readonly bool _isPublishKept;

        public Node(IGrouping<string, FlightEntry> entries)
        {
            _first = entries.First();
            _isPublishKept = entries.Any(static entry => entry.Kind == FlightEntryKind.Published);
            _failure = entries.LastOrDefault(static entry => entry.Kind == FlightEntryKind.PublishFailed);
            Deliveries = [.. entries.Where(static entry => entry.Kind is not (FlightEntryKind.Published or FlightEntryKind.PublishFailed)).GroupBy(static entry => entry.Subscription!)];
        }

        public string Id => _first.EventId;

        public string? CausationId => _first.CausationId;

        public List<IGrouping<string, FlightEntry>> Deliveries { get; }

        public TextTree? Tree { get; set; }

        public string Line(bool isRoot)
        {
            var when = _isPublishKept ? string.Create(CultureInfo.InvariantCulture, $" at {_first.Time:HH:mm:ss.fff}") : ", whose publish is not kept";
            var by = _isPublishKept && _first.Kind == FlightEntryKind.Published && _first.Subscription is { } subscription ? $" by {LogText.Safe(subscription)}" : "";
            var cause = isRoot && CausationId is { } led ? $", after {LogText.Safe(led)}, which is not kept" : "";
            var failure = _failure is null ? "" : $" — its publisher got {LogText.Safe(_failure.ExceptionType!)}"; // A failure has an exception.
            return $"{LogText.Safe(_first.EventType)} {LogText.Safe(Id)}{when}{by}{cause}{failure}";
        }
    }
}
