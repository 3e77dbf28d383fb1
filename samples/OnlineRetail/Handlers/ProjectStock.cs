using EventBus;
using OnlineRetail.Events;
using OnlineRetail.ReadModels;
using OnlineRetail.Reporting;

namespace OnlineRetail.Handlers;

/// <summary>In order per stock code: what leaves the warehouse, and what comes back.</summary>
public sealed class ProjectStock(Stock stock, FlowLog flow) : IEventHandler<IInvoiceLine>
{
    public ValueTask HandleAsync(IInvoiceLine line, EventContext context, CancellationToken cancellationToken)
    {
        var item = stock[line.StockCode];
        item.Move(new StockMovement(line.InvoiceNo, line.Number, -line.Quantity));
        flow.Note(context, $"{line.StockCode}: {-line.Quantity:+0;-0;0}, in all {item.Change:+0;-0;0}");
        return ValueTask.CompletedTask;
    }
}
