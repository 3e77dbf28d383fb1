namespace OnlineRetail.Reading;

/// <summary>One row of the file, read and checked.</summary>
public sealed record InvoiceRow(
    string InvoiceNo,
    string StockCode,
    string Description,
    int Quantity,
    DateTime Time,
    decimal UnitPrice,
    string? CustomerId,
    string Country);
