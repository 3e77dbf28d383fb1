using EventBus;
using Shop.Web.Orders;

namespace Shop.Web.ReadModels;

/// <summary>How much of what was sold. Sums are not idempotent, so the event's id is written with them.</summary>
public sealed class ProjectSales(ShopDatabase database) : IEventHandler<OrderPlaced>
{
    public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
    {
        database.AddSales(context.Id, order.Lines);
        return ValueTask.CompletedTask;
    }
}
