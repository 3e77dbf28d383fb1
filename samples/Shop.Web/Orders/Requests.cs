namespace Shop.Web.Orders;

/// <summary>What a customer sends.</summary>
public sealed record OrderRequest(string Customer, IReadOnlyList<RequestedLine> Lines);

/// <summary>So many pieces of something.</summary>
public sealed record RequestedLine(string StockCode, int Quantity);

/// <summary>What a customer is told: the order is in the log, and will be handled whatever happens to this process.</summary>
public sealed record OrderAccepted(string Number, decimal Total);

/// <summary>How many of the file's orders a till has entered.</summary>
public sealed record TillReport(int Orders);
