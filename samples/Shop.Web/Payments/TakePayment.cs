using EventBus;
using Shop.Web.Orders;

namespace Shop.Web.Payments;

/// <summary>Takes the money for an order, and says so. A provider that is away is asked again; what it declines becomes a dead letter.</summary>
public sealed class TakePayment(IPayments payments) : IEventHandler<OrderPlaced>
{
    public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
    {
        await payments.TakeAsync(order.Number, order.Total, cancellationToken);

        // The handler may run again after a crash: under an id that follows from the order, its event is stored once.
        await context.Publisher.PublishAsync(new PaymentTaken(order.Number, order.Total), new PublishOptions { Id = $"{order.Number}/paid" }, cancellationToken);
    }
}
