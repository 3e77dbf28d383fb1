using EventBus;
using OnlineRetail.Durable;
using OnlineRetail.Events;
using OnlineRetail.ReadModels;
using OnlineRetail.Reporting;

namespace OnlineRetail.Handlers;

/// <summary>In order per stock code: what leaves the warehouse, and what comes back.</summary>
public sealed class ProjectStock(Stock stock, IAppliedEvents applied, FlowLog flow) : IEventHandler<IInvoiceLine>
{
    public ValueTask HandleAsync(IInvoiceLine line, EventContext context, CancellationToken cancellationToken)
    {
        var isNew = line is LineSold sold
            ? applied.TryAdd("stock", context, sold, ShopJson.Default.LineSold)
            : applied.TryAdd("stock", context, (LineCancelled)line, ShopJson.Default.LineCancelled);
        if (isNew)
            flow.Note(context, $"{line.StockCode}: {-line.Quantity:+0;-0;0}, in all {stock.Move(line).Change:+0;-0;0}");
        return ValueTask.CompletedTask;
    }
}
