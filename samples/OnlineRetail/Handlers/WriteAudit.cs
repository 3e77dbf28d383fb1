using EventBus;
using OnlineRetail.Events;
using OnlineRetail.Publishing;
using OnlineRetail.ReadModels;
using OnlineRetail.Reporting;

namespace OnlineRetail.Handlers;

/// <summary>Inline: it has run when the till's publish returns.</summary>
public sealed class WriteAudit(AuditTrail audit, FlowLog flow) : IEventHandler<IInvoiceLine>
{
    public ValueTask HandleAsync(IInvoiceLine line, EventContext context, CancellationToken cancellationToken)
    {
        audit.Add(new AuditEntry(context.Id, line.InvoiceNo, line.Number, context.Headers.GetValueOrDefault(Tills.TillHeader, "unknown")));
        flow.Note(context, "written down");
        return ValueTask.CompletedTask;
    }
}
