using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventBus.Storage;
using EventBus.Telemetry.Tests.Support;

namespace EventBus.Telemetry.Tests;

/// <summary>docs/observability.md and the dashboard know the metrics that there are, and no others.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] s_prometheusSuffixes = ["", "_total", "_count", "_sum", "_bucket"];

    [Fact]
    public async Task The_page_names_every_metric_with_its_kind_and_unit()
    {
        await using var bus = new EventBusBuilder().Named("documented").Build();

        var there = InstrumentsOf("documented").Select(static instrument => $"{instrument.Name} {KindOf(instrument)} {instrument.Unit}");

        Assert.Equal(there.Order(StringComparer.Ordinal), Rows().Select(static row => $"{row.Name} {row.Kind} {row.Unit}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_page_names_every_tag_of_every_metric()
    {
        var seen = await TagsOfWhatHappensAsync();

        var described = Rows().ToDictionary(static row => row.Name, static row => row.Tags.Order(StringComparer.Ordinal).ToList());

        Assert.Equal(described.Keys.Order(StringComparer.Ordinal), seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(seen, metric => Assert.Equal(described[metric.Key], metric.Value.Order(StringComparer.Ordinal)));
        var explained = Page().Split("| tag | values |")[1].Split("\n\n")[0];
        Assert.All(described.Values.SelectMany(static tags => tags), tag => Assert.Contains($"| `{tag}` |", explained, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_names_every_outcome()
    {
        using var exported = Exported.Metrics();
        await using var bus = new EventBusBuilder().Named("documented").Handle<OrderPlaced>(static (_, _, _) => default).Build();

        var values = exported.Collect().Where(static point => point["eventbus.name"] == "documented").SelectMany(static point => (string[])[point["eventbus.outcome"], point["eventbus.reason"]]);

        var explained = Page().Split("| tag | values |")[1].Split("\n\n")[0];
        Assert.All(values.Where(static value => value.Length > 0), value => Assert.Contains($"`{value}`", explained, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_names_every_attribute_of_every_span()
    {
        using var exported = Exported.Traces();
        await using var bus = await HappenAsync();

        var described = Page().Split("| attribute of a span |")[1].Split("\n\n")[0];

        Assert.All(exported.Spans.SelectMany(static span => span.TagObjects), tag => Assert.Contains($"`{tag.Key}`", described, StringComparison.Ordinal));
        Assert.All(exported.Spans, span => Assert.Contains(span.Kind.ToString().ToLowerInvariant(), RowOf(span), StringComparison.Ordinal));
    }

    [Fact]
    public void The_dashboard_asks_for_metrics_and_tags_that_exist()
    {
        var metrics = Rows().SelectMany(static row => s_prometheusSuffixes.Select(suffix => Prometheus(row.Name) + (row.Unit == "s" ? "_seconds" : "") + suffix)).ToHashSet();
        var tags = Rows().SelectMany(static row => row.Tags).Select(Prometheus).ToHashSet();

        var queries = Queries().ToList();

        Assert.InRange(queries.Count, 15, 100);
        Assert.All(queries, query => Assert.All(Words().Matches(query).Select(static word => word.Value), word => Assert.True(metrics.Contains(word) || tags.Contains(word), $"{word} in {query}")));
        Assert.All(queries, query => Assert.Contains(Words().Matches(query), word => metrics.Contains(word.Value)));
    }

    private static string Page() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "observability.md"));

    private static string RowOf(Activity span) =>
        Page().Split('\n').Single(line => line.StartsWith($"| `{span.DisplayName.Split(' ')[0]} {{event type}}` |", StringComparison.Ordinal));

    private static string Prometheus(string name) => name.Replace('.', '_');

    private static IEnumerable<(string Name, string Kind, string Unit, List<string> Tags)> Rows() =>
        from line in Page().Split("| name | kind | unit |")[1].Split("\n\n")[0].Split('\n').Skip(2)
        let cells = line.Split('|')
        select (cells[1].Trim(' ', '`'), cells[2].Trim(), cells[3].Trim(' ', '`'), cells[4].Split(',').Select(static tag => tag.Trim(' ', '`')).ToList());

    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "eventbus.json")));
        var variables = dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Where(static variable => variable.GetProperty("type").GetString() == "query")
            .Select(static variable => variable.GetProperty("query").GetProperty("query").GetString()!);
        var targets = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(static panel => panel.GetProperty("targets").EnumerateArray())
            .Select(static target => target.GetProperty("expr").GetString()!);
        return [.. variables, .. targets];
    }

    private static List<Instrument> InstrumentsOf(string bus)
    {
        var found = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "EventBus" && instrument.Meter.Tags!.Any(tag => Equals(tag.Value, bus)))
                found.Add(instrument);
        };
        listener.Start();
        return found;
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "ObservableUpDownCounter" => "up-down counter",
        "Histogram" => "histogram",
        _ => "gauge",
    };

    private static async Task<Dictionary<string, HashSet<string>>> TagsOfWhatHappensAsync()
    {
        using var exported = Exported.Metrics();
        await using var bus = await HappenAsync();
        return exported.Collect().GroupBy(static point => point.Metric).ToDictionary(static metric => metric.Key, static metric => metric.SelectMany(static point => point.Tags.Keys).ToHashSet());
    }

    // All that has tags of its own: failures of publishers and handlers, the log, several at once, the schedule, a replay.
    private static async Task<IEventBus> HappenAsync()
    {
        var bus = new EventBusBuilder().Named("documented").UseEventLog(new InMemoryEventLog())
            .Handle<OrderPlaced>(static (_, context, _) => context.Attempt == 1 ? throw new InvalidOperationException() : default, static s => s.Named("durable").Durable().Retry(RetryPolicy.Immediate(2)))
            .Handle<OrderPlaced>(static (order, _, _) => order.Number == "3" ? throw new InvalidOperationException() : default, static s => s.Named("inline").Inline())
            .Build();
        await bus.StartAsync();
        await bus.PublishManyAsync([new OrderPlaced("1"), new OrderPlaced("2")]);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.PublishAsync(new OrderPlaced("3")));
        await bus.ScheduleAsync(new OrderPlaced("4"), TimeSpan.Zero);
        await bus.WhenSettled();
        await bus.EventLog.ReplayAsync("durable", LogPosition.Earliest);
        await bus.WhenSettled();
        return bus;
    }

    [GeneratedRegex("(eventbus|messaging|error)_[a-z_]+")]
    private static partial Regex Words();
}
