using System.Globalization;
using OnlineRetail.ReadModels;

namespace OnlineRetail.Reporting;

/// <summary>Writes the tables at the end of the day.</summary>
public static class Report
{
    public static void Write(ShopResults results, Screen screen)
    {
        WriteTotals(results.Revenue.Total, screen);
        WriteFigures("Per country", "country", results.Revenue.ByCountry.Select(static pair => (pair.Key, pair.Value)), screen);
        WriteFigures("Per hour of the day", "hour", results.Revenue.ByHour.Select(static pair => ($"{pair.Key:00}:00", pair.Value)), screen);
        WriteTills(results.Audit, screen);
        WriteStock(results.Stock, screen);
        WriteLoyalty(results, screen);
        WriteDeadLetters(results, screen);
        WriteReceipt(results, screen);
        WriteVerdict(results, screen);
    }

    private static void WriteTotals(RevenueFigures total, Screen screen)
    {
        var table = new Table("Totals", 1, "", "lines", "quantity", "revenue");
        table.Add("orders", Text(total.OrderLines), Text(total.OrderQuantity), Money.Text(total.Orders));
        table.Add("cancellations", Text(total.CancellationLines), Text(total.CancellationQuantity), Money.Text(total.Cancellations));
        table.Add("net", Text(total.OrderLines + total.CancellationLines), Text(total.NetQuantity), Money.Text(total.Net));
        table.Write(screen);
    }

    private static void WriteFigures(string title, string key, IEnumerable<(string Key, RevenueFigures Figures)> rows, Screen screen)
    {
        var table = new Table(title, 1, key, "quantity", "orders", "cancellations", "net revenue");
        foreach (var (name, figures) in rows)
            table.Add(name, Text(figures.NetQuantity), Money.Text(figures.Orders), Money.Text(figures.Cancellations), Money.Text(figures.Net));
        table.Write(screen);
    }

    private static void WriteTills(AuditTrail audit, Screen screen)
    {
        var table = new Table("Lines per till, from the audit", 1, "till", "invoices", "lines");
        foreach (var till in audit.Entries.GroupBy(static entry => entry.Till).OrderBy(static till => till.Key, StringComparer.Ordinal))
            table.Add(till.Key, Text(till.DistinctBy(static entry => entry.InvoiceNo).Count()), Text(till.Count()));
        table.Write(screen);
    }

    private static void WriteStock(Stock stock, Screen screen)
    {
        var table = new Table("Stock, the five codes that sold most", 1, "code", "movements", "change");
        var busiest = stock.Items.OrderBy(static item => item.Value.Change).ThenBy(static item => item.Key, StringComparer.Ordinal).Take(5);
        foreach (var (code, item) in busiest)
            table.Add(code, Text(item.Movements.Count), Text(item.Change));
        table.Write(screen);
    }

    private static void WriteLoyalty(ShopResults results, Screen screen)
    {
        var accounts = results.Loyalty.Accounts;
        var table = new Table("Loyalty", 1, "what", "count");
        table.Add("accounts", Text(accounts.Count));
        table.Add("points", Text(accounts.Values.Sum(static account => account.Points)));
        table.Add("invoices sent twice", Text(results.Doubles));
        // A durable shop has none: the log recognises the id before the subscription sees the event.
        if (results.Receipt.Subscriptions.Sum(static subscription => subscription.Statistics.Duplicates) is > 0 and var duplicates)
            table.Add("of known customers, recognised", Text(duplicates));
        table.Write(screen);
    }

    private static void WriteDeadLetters(ShopResults results, Screen screen)
    {
        var table = new Table("Dead letters", 3, "subscription", "reason", "description", "attempts", "count");
        var groups = results.DeadLetters
            .GroupBy(static letter => (letter.Subscription, letter.Reason, letter.Description, letter.Attempts))
            .OrderByDescending(static group => group.Count());
        foreach (var group in groups)
            table.Add(group.Key.Subscription, group.Key.Reason.ToString(), group.Key.Description, Text(group.Key.Attempts), Text(group.Count()));
        table.Write(screen);
    }

    private static void WriteReceipt(ShopResults results, Screen screen)
    {
        screen.Output.WriteLine(screen.Title("Receipt"));
        screen.Output.WriteLine(results.Receipt.ToString());
        screen.Output.WriteLine();

        var table = new Table("Accepted = settled", 1, "subscription", "accepted", "settled", "");
        foreach (var subscription in results.Receipt.Subscriptions)
        {
            var statistics = subscription.Statistics;
            table.Add(subscription.Name, Text(statistics.Accepted), Text(statistics.Settled), statistics.Accepted == statistics.Settled ? "yes" : "NO");
        }

        table.Write(screen);
    }

    private static void WriteVerdict(ShopResults results, Screen screen)
    {
        var letters = Screen.Count(results.DeadLetters.Count, "dead letter", "dead letters");
        if (results.IsSettled)
            screen.Output.WriteLine(screen.Good($"All is well: every accepted event is settled; {letters} to look at."));
        else
            screen.Output.WriteLine(screen.Bad($"Not all is well: not settled by {string.Join(", ", results.Unsettled)}. See the receipt above."));
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
