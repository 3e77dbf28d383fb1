using EventBus;
using Shop.Web.Orders;

namespace Shop.Web.ReadModels;

/// <summary>What became of each order. Both events are ordered by its number: it is there before it is paid.</summary>
public sealed class ProjectOrders(ShopDatabase database) : IEventHandler<OrderPlaced>, IEventHandler<PaymentTaken>
{
    public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
    {
        database.AddOrder(order);
        return ValueTask.CompletedTask;
    }

    public ValueTask HandleAsync(PaymentTaken payment, EventContext context, CancellationToken cancellationToken)
    {
        database.MarkPaid(payment.Number);
        return ValueTask.CompletedTask;
    }
}
