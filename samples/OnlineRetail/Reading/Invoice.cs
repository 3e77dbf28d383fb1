using OnlineRetail.Events;

namespace OnlineRetail.Reading;

/// <summary>An invoice with its lines in the order of the file.</summary>
public sealed record Invoice(string Number, IReadOnlyList<IInvoiceLine> Lines)
{
    public string? CustomerId => Lines[0].CustomerId;

    public decimal Amount => Lines.Sum(static line => line.Amount);

    /// <summary>Makes the events of an invoice. A number that begins with C is a cancellation.</summary>
    public static Invoice Of(IEnumerable<InvoiceRow> rows)
    {
        IInvoiceLine[] lines = [.. rows.Select(static (row, index) => Line(row, index + 1))];
        return new Invoice(lines[0].InvoiceNo, lines);
    }

    private static IInvoiceLine Line(InvoiceRow row, int number) =>
        row.InvoiceNo.StartsWith('C')
            ? new LineCancelled(row.InvoiceNo, number, row.StockCode, row.Description, row.Quantity, row.Time, row.UnitPrice, row.CustomerId, row.Country)
            : new LineSold(row.InvoiceNo, number, row.StockCode, row.Description, row.Quantity, row.Time, row.UnitPrice, row.CustomerId, row.Country);
}
