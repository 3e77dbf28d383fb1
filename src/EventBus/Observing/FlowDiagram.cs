using System.Globalization;
using System.Text;

namespace EventBus.Observing;

/// <summary>Writes a conversation as a Mermaid sequence diagram: who published what for whom, in the order in which it happened.</summary>
internal sealed class FlowDiagram
{
    private static readonly Participant s_publisher = new("publisher");
    private static readonly Participant s_later = new("published later");
    private static readonly Participant s_deadLetters = new("dead letters");

    private readonly List<Participant> _participants = [];
    private readonly StringBuilder _steps = new();
    private readonly Dictionary<string, Participant> _publishedBy = new(StringComparer.Ordinal);
    private readonly HashSet<(string Event, string Subscription)> _shown = [];

    private FlowDiagram()
    {
    }

    public static string Of(EventFlow flow)
    {
        var diagram = new FlowDiagram();
        foreach (var entry in flow.Lasting)
            diagram.Add(entry);
        var text = new StringBuilder("sequenceDiagram\n");
        for (var i = 0; i < diagram._participants.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"    participant p{i} as {Quoted(diagram._participants[i].Name)}").Append('\n');
        return text.Append(diagram._steps).ToString().TrimEnd('\n');
    }

    private void Add(FlightEntry entry)
    {
        switch (entry.Kind)
        {
            case FlightEntryKind.Published:
                _publishedBy[entry.EventId] = entry.Subscription is null ? Outside(entry) : SubscriptionOf(entry);
                Of(_publishedBy[entry.EventId]);
                break;
            case FlightEntryKind.PublishFailed:
                Note(PublisherOf(entry), $"{entry.EventType} failed: {entry.ExceptionType}");
                break;
            case FlightEntryKind.Accepted:
                Deliver(entry);
                break;
            default:
                Deliver(entry);
                Note(SubscriptionOf(entry), $"{entry.EventType}{(entry.Attempt > 1 ? $", attempt {entry.Attempt}," : "")} {FlowTree.Outcome(entry)}");
                if (entry.Kind == FlightEntryKind.DeadLettered)
                    Step($"p{Of(SubscriptionOf(entry))}-xp{Of(s_deadLetters)}: {Quoted(entry.EventType)}");
                break;
        }
    }

    private void Deliver(FlightEntry entry)
    {
        if (_shown.Add((entry.EventId, entry.Subscription!)))
            Step($"p{Of(PublisherOf(entry))}->>p{Of(SubscriptionOf(entry))}: {Quoted(entry.EventType)}");
    }

    private Participant PublisherOf(FlightEntry entry) => _publishedBy.TryGetValue(entry.EventId, out var publisher) ? publisher : Outside(entry);

    private static Participant Outside(FlightEntry entry) => entry.CausationId is null ? s_publisher : s_later;

    private static Participant SubscriptionOf(FlightEntry entry) => new(entry.Subscription!, IsSubscription: true); // What happens to a delivery has one.

    private void Note(Participant participant, string text) => Step($"Note over p{Of(participant)}: {Quoted(text)}");

    private void Step(string step) => _steps.Append("    ").Append(step).Append('\n');

    private int Of(Participant participant)
    {
        if (_participants.IndexOf(participant) is var known and >= 0)
            return known;
        _participants.Add(participant);
        return _participants.Count - 1;
    }

    // A semicolon ends a statement, a number sign begins an entity, and what looks like a tag is taken for one.
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder();
        foreach (var letter in LogText.Safe(text))
        {
            quoted.Append(letter switch
            {
                ';' => "#59;",
                '#' => "#35;",
                '<' => "#lt;",
                '>' => "#gt;",
                _ => letter.ToString(),
            });
        }

        return quoted.ToString();
    }

    /// <param name="Name">What it is called.</param>
    /// <param name="IsSubscription">Tells a subscription from what is called the same and is none, as "publisher".</param>
    private sealed record Participant(string Name, bool IsSubscription = false);
}
