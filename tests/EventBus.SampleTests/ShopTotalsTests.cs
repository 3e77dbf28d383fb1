using EventBus.SampleTests.Support;
using OnlineRetail.ReadModels;

namespace EventBus.SampleTests;

public sealed class ShopTotalsTests(ClosedShop shop) : IClassFixture<ClosedShop>
{
    private readonly Revenue _revenue = shop.Results.Revenue;

    [Fact]
    public void Totals_are_the_sums_of_the_file() =>
        AssertFigures(PlainFile.Rows, _revenue.Total);

    [Fact]
    public void Totals_of_the_shipped_file_are_known_to_the_penny()
    {
        Assert.Equal(258_154.28m, _revenue.Total.Orders);
        Assert.Equal(-5_174.51m, _revenue.Total.Cancellations);
        Assert.Equal(252_979.77m, _revenue.Total.Net);
        Assert.Equal(108_006, _revenue.Total.NetQuantity);
    }

    [Fact]
    public void Each_country_has_the_sums_of_its_rows()
    {
        var expected = PlainFile.Rows.GroupBy(row => row.Country).ToDictionary(rows => rows.Key);

        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), _revenue.ByCountry.Keys);
        Assert.All(expected, country => AssertFigures(country.Value, _revenue.ByCountry[country.Key]));
    }

    [Fact]
    public void Each_hour_has_the_sums_of_its_rows()
    {
        var expected = PlainFile.Rows.GroupBy(row => row.Hour).ToDictionary(rows => rows.Key);

        Assert.Equal(expected.Keys.Order(), _revenue.ByHour.Keys);
        Assert.All(expected, hour => AssertFigures(hour.Value, _revenue.ByHour[hour.Key]));
    }

    [Fact]
    public void Prices_of_the_shipped_file_need_no_rounding() =>
        Assert.All(PlainFile.Rows, row => Assert.Equal(decimal.Round(row.Price, 2), row.Price));

    private static void AssertFigures(IEnumerable<PlainRow> rows, RevenueFigures figures)
    {
        var byKind = rows.ToLookup(row => row.IsCancellation);

        Assert.Equal(byKind[false].Count(), figures.OrderLines);
        Assert.Equal(byKind[false].Sum(row => row.Quantity), figures.OrderQuantity);
        Assert.Equal(byKind[false].Sum(row => row.Amount), figures.Orders);
        Assert.Equal(byKind[true].Count(), figures.CancellationLines);
        Assert.Equal(byKind[true].Sum(row => row.Quantity), figures.CancellationQuantity);
        Assert.Equal(byKind[true].Sum(row => row.Amount), figures.Cancellations);
    }
}
