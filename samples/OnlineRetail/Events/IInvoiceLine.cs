namespace OnlineRetail.Events;

/// <summary>One line of an invoice. Whoever subscribes to this interface gets sold and cancelled lines alike.</summary>
public interface IInvoiceLine
{
    string InvoiceNo { get; }

    /// <summary>The line's number within its invoice, from 1.</summary>
    int Number { get; }

    string StockCode { get; }

    string Description { get; }

    /// <summary>Negative where goods come back.</summary>
    int Quantity { get; }

    DateTime Time { get; }

    /// <summary>In pounds.</summary>
    decimal UnitPrice { get; }

    string? CustomerId { get; }

    string Country { get; }

    /// <summary>In pounds, in whole pence: a line is rounded once, halves away from zero, so that all sums of lines agree to the penny.
    /// The shop's prices have at most two decimals, so nothing is rounded there.</summary>
    decimal Amount => Math.Round(Quantity * UnitPrice, 2, MidpointRounding.AwayFromZero);
}
