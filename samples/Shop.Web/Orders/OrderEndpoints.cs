using EventBus;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using OnlineRetail.Reading;
using Shop.Web.Catalogue;
using Shop.Web.ReadModels;

namespace Shop.Web.Orders;

/// <summary>What customers and tills do.</summary>
public static class OrderEndpoints
{
    public static void MapOrders(this IEndpointRouteBuilder app)
    {
        app.MapPost("/orders", PlaceAsync);
        app.MapGet("/orders/{number}", static Results<Ok<OrderState>, NotFound> (string number, ShopDatabase database) =>
            database.FindOrder(number) is { } order ? TypedResults.Ok(order) : TypedResults.NotFound());
        app.MapPost("/tills/{count:int:min(1)}", EnterAsync);
        app.MapGet("/sales", static (ShopDatabase database, int top = 5) => TypedResults.Ok(database.ReadSales(Math.Clamp(top, 1, 100))));
    }

    /// <summary>Publishes, and is done: the answer means that the order is on disk.</summary>
    private static async Task<Results<Accepted<OrderAccepted>, ValidationProblem>> PlaceAsync(
        OrderRequest request, [FromHeader(Name = "Idempotency-Key")] string? key, Goods goods, IEventPublisher publisher, CancellationToken cancellationToken)
    {
        var mistakes = Check(request, goods);
        if (mistakes.Count > 0)
            return TypedResults.ValidationProblem(mistakes);

        // A customer who did not get the answer sends the order again with the same key: under one id it is stored once.
        var number = key ?? Guid.CreateVersion7().ToString("N");
        OrderLine[] lines = [.. request.Lines.Select(line => Line(goods.Find(line.StockCode)!, line.Quantity))];
        var order = new OrderPlaced(number, request.Customer, lines, lines.Sum(static line => line.Quantity * line.UnitPrice));
        await publisher.PublishAsync(order, new PublishOptions { Id = number, CorrelationId = number }, cancellationToken);
        return TypedResults.Accepted($"/orders/{number}", new OrderAccepted(number, order.Total));
    }

    /// <summary>Enters the first orders of the file. Entered again, they are stored once.</summary>
    private static async Task<Ok<TillReport>> EnterAsync(int count, Goods goods, IEventPublisher publisher, CancellationToken cancellationToken)
    {
        var invoices = goods.Orders.Take(count).ToArray();
        await Task.WhenAll(invoices.Select(invoice => publisher.PublishAsync(Order(invoice), new PublishOptions { Id = invoice.Number, CorrelationId = invoice.Number }, cancellationToken).AsTask()));
        return TypedResults.Ok(new TillReport(invoices.Length));
    }

    private static OrderPlaced Order(Invoice invoice) => new(
        invoice.Number,
        invoice.CustomerId ?? "unknown",
        [.. invoice.Lines.Select(static line => new OrderLine(line.StockCode, line.Description, line.Quantity, line.UnitPrice))],
        invoice.Amount);

    private static OrderLine Line(Article article, int quantity) => new(article.StockCode, article.Description, quantity, article.Price);

    private static Dictionary<string, string[]> Check(OrderRequest request, Goods goods)
    {
        var mistakes = new Dictionary<string, string[]>();
        if (string.IsNullOrWhiteSpace(request.Customer))
            mistakes["customer"] = ["Who orders?"];
        if (request.Lines is not { Count: > 0 })
            mistakes["lines"] = ["An order has at least one line."];
        foreach (var line in request.Lines ?? [])
        {
            if (goods.Find(line.StockCode) is null)
                mistakes[line.StockCode] = ["There is no such article."];
            else if (line.Quantity < 1)
                mistakes[line.StockCode] = ["At least one piece."];
        }

        return mistakes;
    }
}
