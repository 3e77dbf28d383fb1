namespace OnlineRetail.Events;

/// <summary>A till has entered all lines of an invoice.</summary>
/// <param name="CustomerId">Null where the customer is unknown.</param>
/// <param name="Amount">The sum of its lines in pounds; negative for a cancellation.</param>
public sealed record InvoiceClosed(string InvoiceNo, string? CustomerId, decimal Amount);
