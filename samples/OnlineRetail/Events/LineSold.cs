namespace OnlineRetail.Events;

/// <summary>A line of an order was entered at a till.</summary>
public sealed record LineSold(
    string InvoiceNo,
    int Number,
    string StockCode,
    string Description,
    int Quantity,
    DateTime Time,
    decimal UnitPrice,
    string? CustomerId,
    string Country) : IInvoiceLine;
