using OnlineRetail.Events;

namespace OnlineRetail.ReadModels;

/// <summary>Orders and cancellations apart; amounts in pounds.</summary>
public sealed class RevenueFigures
{
    public int OrderLines { get; private set; }

    public long OrderQuantity { get; private set; }

    public decimal Orders { get; private set; }

    public int CancellationLines { get; private set; }

    public long CancellationQuantity { get; private set; }

    /// <summary>Negative, as in the file.</summary>
    public decimal Cancellations { get; private set; }

    public decimal Net => Orders + Cancellations;

    public long NetQuantity => OrderQuantity + CancellationQuantity;

    public void Add(LineSold line)
    {
        OrderLines++;
        OrderQuantity += line.Quantity;
        Orders += ((IInvoiceLine)line).Amount;
    }

    public void Add(LineCancelled line)
    {
        CancellationLines++;
        CancellationQuantity += line.Quantity;
        Cancellations += ((IInvoiceLine)line).Amount;
    }
}
