using EventBus;
using OnlineRetail.Events;
using OnlineRetail.Reporting;

namespace OnlineRetail.Handlers;

/// <summary>Fails on lines that cannot be right. The bus retries, or not, and keeps them as dead letters.</summary>
public sealed class CheckLine(FlowLog flow) : IEventHandler<IInvoiceLine>
{
    public const string NegativeQuantity = "Negative quantity on a line that is no cancellation.";
    public const string ZeroPrice = "The price is zero.";
    public const string NegativePrice = "The price is negative.";

    public ValueTask HandleAsync(IInvoiceLine line, EventContext context, CancellationToken cancellationToken)
    {
        // No retry can mend this one: the handler says so, and the line becomes a dead letter at once.
        if (line is LineSold { Quantity: < 0 })
        {
            flow.Note(context, $"refused: {NegativeQuantity}");
            throw new DoNotRetryException(NegativeQuantity);
        }

        // A price may be entered late, so that asking again makes sense: the subscription's retry policy decides.
        if (line.UnitPrice <= 0)
        {
            var reason = line.UnitPrice == 0 ? ZeroPrice : NegativePrice;
            flow.Note(context, $"failed: {reason}");
            throw new InvalidOperationException(reason);
        }

        flow.Note(context, "fine");
        return ValueTask.CompletedTask;
    }
}
