using EventBus.Observing;

namespace EventBus.UnitTests.Observing;

public sealed class FlowDiagramTests
{
    [Fact]
    public void A_subscription_may_be_called_as_the_publisher_is()
    {
        var diagram = FlowDiagram.Of(new EventFlow("c", [Entry(FlightEntryKind.Published, null), Entry(FlightEntryKind.Accepted, "publisher"), Entry(FlightEntryKind.Handled, "publisher")]));

        Assert.Equal(
            """
            sequenceDiagram
                participant p0 as publisher
                participant p1 as publisher
                p0->>p1: placed
                Note over p1: placed handled
            """.ReplaceLineEndings("\n"),
            diagram);
    }

    [Fact]
    public void No_name_ends_a_statement_or_begins_another()
    {
        var diagram = FlowDiagram.Of(new EventFlow("c", [Entry(FlightEntryKind.Published, null), Entry(FlightEntryKind.Handled, "List<a>") with { EventType = "a;\nend #1 <b>\"" }]));

        Assert.Equal(
            """
            sequenceDiagram
                participant p0 as publisher
                participant p1 as List#lt;a#gt;
                p0->>p1: a#59;\u000Aend #35;1 #lt;b#gt;"
                Note over p1: a#59;\u000Aend #35;1 #lt;b#gt;" handled
            """.ReplaceLineEndings("\n"),
            diagram);
    }

    private static FlightEntry Entry(FlightEntryKind kind, string? subscription) =>
        new() { Kind = kind, Subscription = subscription, EventId = "1", EventType = "placed", CorrelationId = "c", Time = DateTimeOffset.UnixEpoch };
}
