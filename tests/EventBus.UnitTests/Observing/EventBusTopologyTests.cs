namespace EventBus.UnitTests.Observing;

public sealed class EventBusTopologyTests
{
    private static readonly EventBusTopology s_topology = new(
    [
        new("stock", ["OrderPlaced", "OrderCancelled"], "queued, capacity 10"),
        new("audit", ["OrderPlaced"], "inline"),
    ]);

    [Fact]
    public void As_text_it_has_a_line_for_each_subscription() =>
        Assert.Equal("OrderPlaced, OrderCancelled -> stock (queued, capacity 10)\nOrderPlaced -> audit (inline)", s_topology.ToString());

    [Fact]
    public void As_mermaid_it_is_a_flowchart_with_each_event_once() =>
        Assert.Equal(
            """
            flowchart LR
                e0(["OrderPlaced"])
                e1(["OrderCancelled"])
                s0["stock<br/>queued, capacity 10"]
                e0 --> s0
                e1 --> s0
                s1["audit<br/>inline"]
                e0 --> s1
            """.ReplaceLineEndings("\n"),
            s_topology.ToMermaid());

    [Fact]
    public void Mermaid_shows_odd_names_and_is_not_steered_by_them()
    {
        var topology = new EventBusTopology([new("a\"]<script>", ["List<\"x\">&"], "x")]);

        var lines = topology.ToMermaid().Split('\n');

        Assert.Equal("    e0([\"List&lt;&quot;x&quot;>&amp;\"])", lines[1]);
        Assert.Equal("    s0[\"a&quot;]&lt;script><br/>x\"]", lines[2]);
    }

    [Fact]
    public void An_empty_bus_is_an_empty_diagram()
    {
        Assert.Equal("", new EventBusTopology([]).ToString());
        Assert.Equal("flowchart LR", new EventBusTopology([]).ToMermaid());
    }

    [Fact]
    public void A_bus_tells_the_settings_of_its_subscriptions_in_words()
    {
        using var bus = new EventBusBuilder()
            .Handle<string>(static (_, _, _) => default, static s => s.Named("a"))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("b").OrderedBy(static e => e).Concurrency(8).Capacity(64).Idempotent().Retry(RetryPolicy.None))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("c").StrictlyOrdered().Retry(RetryPolicy.Immediate(2)))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("d").Inline())
            .Build();

        Assert.Equal(
            """
            String -> a (queued, capacity 1024, concurrency 1; retry: 3 attempts, exponential from 00:00:00.2000000 to 00:00:30, jittered)
            String -> b (queued, capacity 64, concurrency 8, ordered by key, idempotent; retry: none)
            String -> c (queued, capacity 1024, concurrency 1, strictly ordered; retry: 2 attempts, at once)
            String -> d (inline)
            """.ReplaceLineEndings("\n"),
            bus.Topology.ToString());
    }
}
