namespace EventBus.BehaviourTests;

public sealed class TopologyTests
{
    [Fact]
    public async Task Topology_says_in_text_and_as_a_flowchart_who_gets_what()
    {
        await using var bus = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, static s => s.Named("audit").Inline())
            .Handle<string>(static (_, _, _) => default, static s => s.Named("mail"))
            .Build();

        var topology = bus.Topology;
        var lines = topology.ToString().Split('\n');
        var chart = topology.ToMermaid();

        Assert.Equal(["audit", "mail"], topology.Subscriptions.Select(static s => s.Name));
        Assert.Equal(2, lines.Length);
        Assert.Contains("-> audit (", lines[0], StringComparison.Ordinal);
        Assert.Contains("-> mail (", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("flowchart LR\n", chart, StringComparison.Ordinal);
        Assert.Contains("e0 --> s0", chart, StringComparison.Ordinal);
        Assert.Contains("e0 --> s1", chart, StringComparison.Ordinal);
        Assert.DoesNotContain("e1", chart, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_event_types_of_one_short_name_are_two_in_it()
    {
        await using var bus = new EventBusBuilder()
            .Handle<Sales.Placed>(static (_, _, _) => default, static s => s.Named("mail"))
            .Handle<Stock.Placed>(static (_, _, _) => default, static s => s.Named("shelf"))
            .Handle<Changed<Sales.Placed>>(static (_, _, _) => default, static s => s.Named("audit"))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("notes"))
            .Build();

        var topology = bus.Topology;

        Assert.Equal(
            ["EventBus.BehaviourTests.TopologyTests+Sales+Placed", "EventBus.BehaviourTests.TopologyTests+Stock+Placed", "Changed<Placed>", "String"],
            topology.Subscriptions.Select(static subscription => Assert.Single(subscription.EventTypes)));
        Assert.Contains("e3 --> s3", topology.ToMermaid(), StringComparison.Ordinal);
    }

    private static class Sales
    {
        internal sealed record Placed;
    }

    private static class Stock
    {
        internal sealed record Placed;
    }

    private sealed record Changed<T>;
}
