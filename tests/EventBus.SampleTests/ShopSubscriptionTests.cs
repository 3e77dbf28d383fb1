using EventBus.SampleTests.Support;
using OnlineRetail;
using OnlineRetail.Handlers;
using OnlineRetail.Publishing;

namespace EventBus.SampleTests;

public sealed class ShopSubscriptionTests(ClosedShop shop) : IClassFixture<ClosedShop>
{
    private readonly ShopResults _results = shop.Results;

    [Fact]
    public void Audit_has_every_line_once_and_each_invoice_in_order_from_one_till()
    {
        var entries = _results.Audit.Entries;

        Assert.Equal(PlainFile.Rows.Count, entries.Count);
        Assert.Equal(entries.Count, entries.Select(entry => entry.EventId).Distinct().Count());
        Assert.All(entries.GroupBy(entry => entry.InvoiceNo), invoice =>
        {
            Assert.Single(invoice.Select(entry => entry.Till).Distinct());
            Assert.Equal(Enumerable.Range(1, invoice.Count()), invoice.Select(entry => entry.Line));
        });
    }

    [Fact]
    public void Stock_of_each_code_changes_by_the_sum_of_its_rows()
    {
        var expected = PlainFile.Rows.GroupBy(row => row.Stock).ToDictionary(rows => rows.Key, rows => -rows.Sum(row => (long)row.Quantity));

        Assert.Equal(expected.OrderBy(item => item.Key), _results.Stock.Items.ToDictionary(item => item.Key, item => item.Value.Change).OrderBy(item => item.Key));
    }

    [Fact]
    public void Stock_of_each_code_moves_in_the_order_of_its_invoices_lines()
    {
        Assert.All(_results.Stock.Items.Values, item =>
            Assert.All(item.Movements.GroupBy(movement => movement.InvoiceNo), invoice =>
                Assert.Equal(invoice.Select(movement => movement.Line).Order(), invoice.Select(movement => movement.Line))));
    }

    [Fact]
    public void Loyalty_counts_each_invoice_once_although_some_are_sent_twice()
    {
        var expected = PlainFile.Rows.GroupBy(row => row.Invoice).Select(rows => (rows.First().Customer, Amount: rows.Sum(row => row.Amount)))
            .Where(invoice => invoice.Customer.Length > 0)
            .GroupBy(invoice => invoice.Customer)
            .ToDictionary(invoices => invoices.Key, invoices => (invoices.Count(), invoices.Sum(invoice => invoice.Amount)));

        Assert.Equal(expected.OrderBy(account => account.Key), _results.Loyalty.Accounts.ToDictionary(account => account.Key, account => (account.Value.Invoices, account.Value.Spent)).OrderBy(account => account.Key));
    }

    [Fact]
    public void Every_double_of_a_known_customer_is_recognised()
    {
        var twice = shop.Invoices.Where((_, index) => index % Tills.DoubleEvery == 0).ToArray();
        var loyalty = _results.Receipt.Subscriptions.Single(subscription => subscription.Name == "loyalty").Statistics;

        Assert.Equal(twice.Length, _results.Doubles);
        Assert.Equal(twice.Count(invoice => invoice.CustomerId is not null), loyalty.Duplicates);
    }

    [Fact]
    public void Odd_lines_become_dead_letters_by_their_reason()
    {
        var negative = PlainFile.Rows.Count(row => row.Quantity < 0 && !row.IsCancellation);
        var zero = PlainFile.Rows.Count(row => row.Price == 0 && (row.Quantity >= 0 || row.IsCancellation));

        var counts = _results.DeadLetters
            .GroupBy(letter => (letter.Subscription, letter.Reason, letter.Description, letter.Attempts))
            .ToDictionary(letters => letters.Key, letters => letters.Count());

        Assert.Equal(2, counts.Count);
        Assert.Equal(negative, counts[("check", DeadLetterReason.RefusedByHandler, CheckLine.NegativeQuantity, 1)]);
        Assert.Equal(zero, counts[("check", DeadLetterReason.MaxAttemptsExceeded, CheckLine.ZeroPrice, 3)]);
        Assert.Equal(2 * zero, _results.Receipt.Subscriptions.Single(subscription => subscription.Name == "check").Statistics.Retried);
    }

    [Fact]
    public void Everything_accepted_is_settled()
    {
        Assert.True(_results.IsSettled);
        Assert.All(_results.Receipt.Subscriptions, subscription => Assert.Equal(subscription.Statistics.Accepted, subscription.Statistics.Settled));
        Assert.All(["audit", "revenue", "stock", "check"], name =>
            Assert.Equal(PlainFile.Rows.Count, _results.Receipt.Subscriptions.Single(subscription => subscription.Name == name).Statistics.Accepted));
    }
}
