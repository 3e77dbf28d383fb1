using OnlineRetail.Events;
using OnlineRetail.Reading;

namespace Shop.Web.Catalogue;

/// <summary>What the shop sells, at the last price in the file, and the orders that the file has.</summary>
public sealed class Goods
{
    private readonly Dictionary<string, Article> _articles = new(StringComparer.OrdinalIgnoreCase);

    private Goods(IReadOnlyList<Invoice> invoices)
    {
        Orders = [.. invoices.Where(static invoice => invoice.Lines.All(static line => line is LineSold { Quantity: > 0, UnitPrice: > 0 }))];
        foreach (var line in Orders.SelectMany(static invoice => invoice.Lines))
            _articles[line.StockCode] = new Article(line.StockCode, line.Description, line.UnitPrice);
    }

    /// <summary>The invoices of the file that are orders: no cancellations, nothing without a price.</summary>
    public IReadOnlyList<Invoice> Orders { get; }

    public static Goods Read(string file) => new(InvoiceFile.Read(file).Invoices);

    public Article? Find(string stockCode) => _articles.GetValueOrDefault(stockCode);
}

/// <param name="Price">In pounds.</param>
public sealed record Article(string StockCode, string Description, decimal Price);
