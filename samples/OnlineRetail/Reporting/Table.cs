namespace OnlineRetail.Reporting;

/// <summary>A table of text: the first columns to the left, figures to the right.</summary>
public sealed class Table(string title, int textColumns, params string[] headers)
{
    private readonly List<string[]> _rows = [headers];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(TextWriter output)
    {
        var widths = headers.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        output.WriteLine(title);
        foreach (var row in _rows)
        {
            var cells = row.Select((cell, column) => column < textColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            output.WriteLine("  " + string.Join("  ", cells).TrimEnd());
        }

        output.WriteLine();
    }
}
