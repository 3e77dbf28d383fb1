using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace OnlineRetail.Reading;

/// <summary>The shop's file: what could be read, and what could not.</summary>
public sealed record InvoiceFile(IReadOnlyList<Invoice> Invoices, IReadOnlyList<BadRow> BadRows)
{
    // Odd quotes are no reason to stop: whether a row is good is decided by its fields.
    private static readonly CsvConfiguration s_csv = new(CultureInfo.InvariantCulture) { BadDataFound = null };

    public int LineCount => Invoices.Sum(static invoice => invoice.Lines.Count);

    /// <exception cref="UnusableFileException">There is no such file, it is empty, or a column is missing.</exception>
    public static InvoiceFile Read(string path)
    {
        try
        {
            using var text = new StreamReader(path);
            return Read(path, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UnusableFileException($"'{path}' cannot be read: {exception.Message} Name a readable file with --file PATH.", exception);
        }
    }

    private static InvoiceFile Read(string path, StreamReader text)
    {
        using var csv = new CsvParser(text, s_csv);
        if (!csv.Read())
            throw new UnusableFileException($"'{path}' is empty. Its first row must name the columns.");

        var reader = new RowReader(path, csv.Record!);
        List<InvoiceRow> rows = [];
        List<BadRow> bad = [];
        while (csv.Read())
        {
            foreach (var (row, badRow) in ReadRecord(reader, csv))
            {
                if (row is not null)
                    rows.Add(row);
                else
                    bad.Add(badRow!);
            }
        }

        return new InvoiceFile([.. rows.GroupBy(static row => row.InvoiceNo).Select(Invoice.Of)], bad);
    }

    // A quote that is left open swallows the lines behind it. Reading such a record again line by line saves the good ones.
    private static IEnumerable<(InvoiceRow? Row, BadRow? Bad)> ReadRecord(RowReader reader, CsvParser csv)
    {
        var lines = csv.RawRecord.TrimEnd('\r', '\n').Split('\n');
        var first = csv.RawRow - lines.Length + 1;
        var whole = reader.Read(csv.Record!, first);
        return whole.Bad is null || lines.Length == 1
            ? [whole]
            : lines.Select((line, index) => (Text: line.TrimEnd('\r'), Number: first + index))
                .Where(static line => line.Text.Length > 0)
                .Select(line => reader.Read(Fields(line.Text), line.Number));
    }

    private static string[] Fields(string line)
    {
        using var csv = new CsvParser(new StringReader(line), s_csv);
        return csv.Read() ? csv.Record! : [];
    }
}
