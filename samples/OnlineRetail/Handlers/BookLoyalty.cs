using EventBus;
using OnlineRetail.Durable;
using OnlineRetail.Events;
using OnlineRetail.ReadModels;
using OnlineRetail.Reporting;

namespace OnlineRetail.Handlers;

/// <summary>Books what a customer spent. Tills send some invoices twice; the subscription is idempotent, so this runs once for each.</summary>
public sealed class BookLoyalty(Loyalty loyalty, IAppliedEvents applied, FlowLog flow) : IEventHandler<InvoiceClosed>
{
    public ValueTask HandleAsync(InvoiceClosed invoice, EventContext context, CancellationToken cancellationToken)
    {
        if (!applied.TryAdd("loyalty", context, invoice, ShopJson.Default.InvoiceClosed))
            return ValueTask.CompletedTask;
        var account = loyalty.Book(invoice.CustomerId!, invoice.Amount);
        flow.Note(context, $"customer {invoice.CustomerId}: {Money.Text(invoice.Amount)}, now {account.Points} points");
        return ValueTask.CompletedTask;
    }
}
