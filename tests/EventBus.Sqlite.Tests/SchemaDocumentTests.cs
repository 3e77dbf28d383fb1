using System.Text.RegularExpressions;
using EventBus.Sqlite.Tests.Support;

namespace EventBus.Sqlite.Tests;

/// <summary>docs/event-log-schema.md names what is in the file.</summary>
public sealed partial class SchemaDocumentTests : IDisposable
{
    private static readonly string[] s_eventColumns = ["time", "type", "is_id_given", "id", "source", "subject", "key", "correlation_id", "causation_id", "headers", "expires_at", "checksum", "body", "trace_parent", "trace_state"];

    private readonly OpenFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Every_table_and_column_is_described()
    {
        using var connection = _file.Connect();
        var tables = connection.Texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");

        var described = Sections().ToDictionary(static section => section.Table, static section => section.Columns);

        Assert.Equal(tables, described.Keys.Order(StringComparer.Ordinal));
        foreach (var table in tables)
        {
            var columns = connection.Texts($"SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
            var own = table is "dead_letters" or "scheduled" ? columns.Except(s_eventColumns) : columns;
            Assert.Equal(own.Order(StringComparer.Ordinal), described[table].Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void The_events_can_be_read_with_any_tool()
    {
        _file.Append(Facts.Event("a", body: """{"total":5}""") with { Type = "order-placed", TypeVersion = 2, Key = "k" });
        using var connection = _file.Connect();

        Assert.Equal(
            ["""1|2026-03-29 00:59:59.123|order-placed|2|a|k|{"total":5}"""],
            connection.Texts("SELECT sequence || '|' || time || '|' || type || '|' || version || '|' || id || '|' || key || '|' || body FROM readable_events"));
    }

    private static IEnumerable<(string Table, List<string> Columns)> Sections()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "event-log-schema.md"));
        foreach (var section in text.Split("\n## `").Skip(1))
        {
            var cells = section.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('|')[1]);
            yield return (section[..section.IndexOf('`', StringComparison.Ordinal)], cells.SelectMany(static cell => Name().Matches(cell)).Select(static match => match.Groups[1].Value).ToList());
        }
    }

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Name();
}
