using EventBus;
using OnlineRetail.Durable;
using OnlineRetail.Events;
using OnlineRetail.ReadModels;
using OnlineRetail.Reporting;

namespace OnlineRetail.Handlers;

/// <summary>Two event types in one queue: one subscription, one read model.</summary>
public sealed class ProjectRevenue(Revenue revenue, IAppliedEvents applied, FlowLog flow) : IEventHandler<LineSold>, IEventHandler<LineCancelled>
{
    public ValueTask HandleAsync(LineSold line, EventContext context, CancellationToken cancellationToken)
    {
        if (!applied.TryAdd("revenue", context, line, ShopJson.Default.LineSold))
            return ValueTask.CompletedTask;
        revenue.Add(line);
        return Booked(line, context);
    }

    public ValueTask HandleAsync(LineCancelled line, EventContext context, CancellationToken cancellationToken)
    {
        if (!applied.TryAdd("revenue", context, line, ShopJson.Default.LineCancelled))
            return ValueTask.CompletedTask;
        revenue.Add(line);
        return Booked(line, context);
    }

    private ValueTask Booked(IInvoiceLine line, EventContext context)
    {
        flow.Note(context, $"{line.Country}, {line.Time:HH}:00: {Money.Text(line.Amount)}");
        return ValueTask.CompletedTask;
    }
}
