namespace OnlineRetail.Reporting;

/// <summary>A table of text: the first columns to the left, figures to the right. Columns of zeros are left out, and the widest text is wrapped so that the table fits the screen.</summary>
public sealed class Table(string title, int textColumns, params string[] headers)
{
    private const string Indent = "  ";
    private const string Gap = "  ";
    private const int NarrowestText = 12;

    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(Screen screen)
    {
        var columns = Enumerable.Range(0, headers.Length).Where(column => column < textColumns || _rows.Exists(row => !IsZero(row[column]))).ToArray();
        if (columns.Length == textColumns)
            columns = [.. Enumerable.Range(0, headers.Length)];
        var widths = columns.Select(column => Math.Max(headers[column].Length, _rows.Select(row => row[column].Length).DefaultIfEmpty(0).Max())).ToArray();
        Fit(widths, columns.Count(column => column < textColumns), screen.TableWidth);

        screen.Output.WriteLine(screen.Title(title));
        WriteRow(headers, columns, widths, screen.Output);
        foreach (var row in _rows)
            WriteRow(row, columns, widths, screen.Output);
        screen.Output.WriteLine();
    }

    private static bool IsZero(string cell) => cell is "0" or "£0.00";

    private static void Fit(int[] widths, int texts, int limit)
    {
        var excess = Indent.Length + widths.Sum() + (Gap.Length * (widths.Length - 1)) - limit;
        if (excess <= 0 || texts == 0)
            return;
        var widest = Array.IndexOf(widths, widths[..texts].Max());
        widths[widest] = Math.Max(NarrowestText, widths[widest] - excess);
    }

    private void WriteRow(string[] row, int[] columns, int[] widths, TextWriter output)
    {
        var cells = columns.Select((column, i) => column < textColumns ? Wrap(row[column], widths[i]) : [row[column]]).ToArray();
        for (var line = 0; line < cells.Max(static cell => cell.Count); line++)
        {
            var texts = cells.Select((cell, i) => Aligned(line < cell.Count ? cell[line] : "", widths[i], columns[i] < textColumns));
            output.WriteLine((Indent + string.Join(Gap, texts)).TrimEnd());
        }
    }

    private static string Aligned(string text, int width, bool isText) => isText ? text.PadRight(width) : text.PadLeft(width);

    private static List<string> Wrap(string text, int width)
    {
        List<string> lines = [];
        while (text.Length > width)
        {
            var space = text.LastIndexOf(' ', width);
            var end = space > 0 ? space : width;
            lines.Add(text[..end]);
            text = text[end..].TrimStart();
        }

        lines.Add(text);
        return lines;
    }
}
