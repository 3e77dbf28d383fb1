using EventBus;
using OnlineRetail.Events;
using OnlineRetail.ReadModels;
using OnlineRetail.Reporting;

namespace OnlineRetail.Handlers;

/// <summary>Two event types in one queue: one subscription, one read model.</summary>
public sealed class ProjectRevenue(Revenue revenue, FlowLog flow) : IEventHandler<LineSold>, IEventHandler<LineCancelled>
{
    public ValueTask HandleAsync(LineSold line, EventContext context, CancellationToken cancellationToken)
    {
        revenue.Add(line);
        return Booked(line, context);
    }

    public ValueTask HandleAsync(LineCancelled line, EventContext context, CancellationToken cancellationToken)
    {
        revenue.Add(line);
        return Booked(line, context);
    }

    private ValueTask Booked(IInvoiceLine line, EventContext context)
    {
        flow.Note(context, $"{line.Country}, {line.Time:HH}:00: {Money.Text(line.Amount)}");
        return ValueTask.CompletedTask;
    }
}
