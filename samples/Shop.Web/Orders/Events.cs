namespace Shop.Web.Orders;

/// <summary>A customer has ordered.</summary>
/// <param name="Total">In pounds.</param>
public sealed record OrderPlaced(string Number, string Customer, IReadOnlyList<OrderLine> Lines, decimal Total);

/// <summary>One line of an order.</summary>
/// <param name="UnitPrice">In pounds.</param>
public sealed record OrderLine(string StockCode, string Description, int Quantity, decimal UnitPrice);

/// <summary>An order was paid for.</summary>
/// <param name="Amount">In pounds.</param>
public sealed record PaymentTaken(string Number, decimal Amount);
