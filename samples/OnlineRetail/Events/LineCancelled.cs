namespace OnlineRetail.Events;

/// <summary>A line of a cancellation was entered at a till.</summary>
public sealed record LineCancelled(
    string InvoiceNo,
    int Number,
    string StockCode,
    string Description,
    int Quantity,
    DateTime Time,
    decimal UnitPrice,
    string? CustomerId,
    string Country) : IInvoiceLine;
