using System.Globalization;

namespace OnlineRetail.Reading;

/// <summary>Makes typed rows of text fields, and says of a bad one what was expected where.</summary>
internal sealed class RowReader
{
    private const decimal PriceLimit = 1_000_000_000m;

    private static readonly string[] s_columns = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];
    private static readonly string[] s_dateFormats = ["M/d/yy H:mm", "M/d/yyyy H:mm"];

    private readonly Dictionary<string, int> _places;
    private readonly int _fieldCount;

    /// <exception cref="UnusableFileException">A column is missing.</exception>
    public RowReader(string path, string[] header)
    {
        var missing = s_columns.Except(header.Select(static name => name.Trim())).ToArray();
        if (missing.Length > 0)
            throw new UnusableFileException($"'{path}' has no column {string.Join(", ", missing)}. Its first row must name the columns {string.Join(", ", s_columns)}.");
        _places = s_columns.ToDictionary(static column => column, column => Array.FindIndex(header, name => name.Trim() == column));
        _fieldCount = header.Length;
    }

    /// <summary>Reads a row. Exactly one of the two results is not null.</summary>
    public (InvoiceRow? Row, BadRow? Bad) Read(string[] fields, int number)
    {
        if (fields.Length != _fieldCount)
            return (null, new BadRow(number, null, $"{_fieldCount} fields", $"{fields.Length} (is a quote left open or a comma too many?)"));
        try
        {
            return (new InvoiceRow(
                Required(fields, "InvoiceNo", "an invoice number"),
                Required(fields, "StockCode", "a stock code"),
                Field(fields, "Description"),
                Quantity(fields),
                Time(fields),
                Price(fields),
                Field(fields, "CustomerID") is { Length: > 0 } customer ? customer : null,
                Required(fields, "Country", "a country")), null);
        }
        catch (BadFieldException bad)
        {
            return (null, new BadRow(number, bad.Column, bad.Expected, $"'{bad.Found}'"));
        }
    }

    private string Field(string[] fields, string column) => fields[_places[column]].Trim();

    private string Required(string[] fields, string column, string expected) =>
        Field(fields, column) is { Length: > 0 } text ? text : throw new BadFieldException(column, expected, "");

    private int Quantity(string[] fields) =>
        int.TryParse(Field(fields, "Quantity"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quantity)
            ? quantity
            : throw new BadFieldException("Quantity", "a whole number such as 6 or -1", Field(fields, "Quantity"));

    private DateTime Time(string[] fields) =>
        DateTime.TryParseExact(Field(fields, "InvoiceDate"), s_dateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw new BadFieldException("InvoiceDate", "month/day/year hour:minute such as 12/1/10 8:26", Field(fields, "InvoiceDate"));

    private decimal Price(string[] fields) =>
        decimal.TryParse(Field(fields, "UnitPrice"), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price)
        && Math.Abs(price) < PriceLimit
            ? price
            : throw new BadFieldException("UnitPrice", "pounds such as 2.55, less than a billion", Field(fields, "UnitPrice"));

    private sealed class BadFieldException(string column, string expected, string found) : Exception
    {
        public string Column => column;

        public string Expected => expected;

        public string Found => found;
    }
}
