using System.Globalization;

namespace EventBus.Benchmarks.Harness;

/// <summary>Prints the results, a line as soon as it is known.</summary>
internal sealed class Table(TextWriter output)
{
    private static readonly int[] s_widths = [-36, -32, 10, 10, 10, 8, -32, -12];

    public void Head(int runs)
    {
        Line("case", "limit", "limit/ev", "ours/ev", "result", "B/event", " goal (stretch)", "met");
        output.WriteLine(new string('-', 160));
        if (runs > 1)
            output.WriteLine($"medians of {runs} runs; met: the median meets the goal and no run exceeds it by more than 20 %");
    }

    public void Row(Case @case, IReadOnlyList<Measurement> runs)
    {
        var median = Measurement.MedianOf(runs);
        Line(
            @case.Name,
            @case.LimitName,
            Time(median.Limit.Nanoseconds),
            Time(median.Ours.Nanoseconds),
            @case.Goal.Show(median),
            string.Create(CultureInfo.InvariantCulture, $"{median.Ours.Bytes:0.##}"),
            " " + @case.Goal.Text,
            @case.Goal.Judge(runs));
        if (median.Ours.Tail > 0)
            Line("  p99, reported", "", Time(median.Limit.Tail), Time(median.Ours.Tail), $"{median.Ours.Tail / median.Limit.Tail:0.00} x", "", "", "");
        if (runs.Count > 1)
            output.WriteLine($"  runs: {string.Join("  ", runs.Select(@case.Goal.Show))}");
        output.Flush();
    }

    private static string Time(double nanoseconds) => nanoseconds switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0.0} ns"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1_000:0.0} us"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1_000_000:0.0} ms"),
    };

    private void Line(params string[] cells) =>
        output.WriteLine(string.Join(' ', cells.Select(static (cell, at) => s_widths[at] < 0 ? cell.PadRight(-s_widths[at]) : cell.PadLeft(s_widths[at]))).TrimEnd());
}
