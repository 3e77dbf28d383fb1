using EventBus.SampleTests.Support;
using OnlineRetail;

namespace EventBus.SampleTests;

public sealed class BadFileTests
{
    private const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
    private const string Good = "1,A,\"LAMP, RED\",2,12/1/10 8:26,2.50,17850,Norway";

    [Theory]
    [InlineData("1,A,LAMP,two,12/1/10 8:26,2.50,17850,Norway", "column Quantity: expected a whole number such as 6 or -1, found 'two'")]
    [InlineData("1,A,LAMP,1.5,12/1/10 8:26,2.50,17850,Norway", "column Quantity: expected a whole number such as 6 or -1, found '1.5'")]
    [InlineData("1,A,LAMP,2,2010-12-01,2.50,17850,Norway", "column InvoiceDate: expected month/day/year hour:minute such as 12/1/10 8:26, found '2010-12-01'")]
    [InlineData("1,A,LAMP,2,12/1/10 8:26,free,17850,Norway", "column UnitPrice: expected pounds such as 2.55, less than a billion, found 'free'")]
    [InlineData("1,A,LAMP,2,12/1/10 8:26,99999999999,17850,Norway", "column UnitPrice: expected pounds such as 2.55, less than a billion, found '99999999999'")]
    [InlineData(",A,LAMP,2,12/1/10 8:26,2.50,17850,Norway", "column InvoiceNo: expected an invoice number, found ''")]
    [InlineData("1,,LAMP,2,12/1/10 8:26,2.50,17850,Norway", "column StockCode: expected a stock code, found ''")]
    [InlineData("1,A,LAMP,2,12/1/10 8:26,2.50,17850,", "column Country: expected a country, found ''")]
    [InlineData("1,A,LAMP,2", "expected 8 fields, found 4 (is a quote left open or a comma too many?)")]
    public async Task Bad_row_is_named_and_the_good_ones_are_published(string bad, string message)
    {
        var run = await ShopRun.OfLines(Header, Good, bad, Good);

        Assert.Equal(ExitCode.BadRows, run.Code);
        var place = message.StartsWith("column", StringComparison.Ordinal) ? "Bad row 3, " : "Bad row 3: ";
        Assert.Equal($"{place}{message}\n1 bad row was left out; all others are published.\n", run.Error);
        Assert.Contains("2 lines of 1 invoice\n", run.Output);
        Assert.Matches(@"\n  net +2 +4 +£10\.00\n", run.Output);
    }

    [Fact]
    public async Task Quote_left_open_costs_its_own_row_only()
    {
        var run = await ShopRun.OfLines(Header, Good, "1,A,\"LAMP,2,12/1/10 8:26,2.50,17850,Norway", Good, Good.Replace("\"LAMP, RED\"", "LAMP", StringComparison.Ordinal), Good);

        Assert.Equal(ExitCode.BadRows, run.Code);
        Assert.StartsWith("Bad row 3: expected 8 fields, found 3 ", run.Error);
        Assert.Contains("\n1 bad row was left out", run.Error);
        Assert.Matches(@"\n  net +4 +8 +£20\.00\n", run.Output);
    }

    [Fact]
    public async Task Rows_are_counted_as_the_files_lines_are()
    {
        var run = await ShopRun.OfLines(Header, "1,A,\"LAMP,", "RED\",2,12/1/10 8:26,2.50,17850,Norway", "", "1,A,LAMP,two,12/1/10 8:26,2.50,17850,Norway");

        Assert.StartsWith("Bad row 5, column Quantity", run.Error);
        Assert.Contains("1 line of 1 invoice\n", run.Output);
    }

    [Fact]
    public async Task Of_many_bad_rows_the_first_are_shown_and_all_are_counted()
    {
        var run = await ShopRun.OfLines([Header, Good, .. Enumerable.Repeat("bad", 1_000)]);

        Assert.Equal(22, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.EndsWith("... and 980 more.\n1,000 bad rows were left out; all others are published.\n", run.Error);
    }

    [Fact]
    public async Task Columns_may_come_in_any_order_and_with_others()
    {
        var run = await ShopRun.OfLines("Country,Note,UnitPrice,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,CustomerID", "Norway,x,2.50,C1,A,LAMP,-2,12/1/2010 8:26,");

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Matches(@"\n  cancellations +1 +-2 +-£5\.00\n", run.Output);
    }

    [Fact]
    public async Task Fractions_of_a_penny_are_rounded_once_a_line_halves_away_from_zero()
    {
        var row = "1,A,LAMP,1,12/1/10 8:26,0.125,17850,Norway";

        var run = await ShopRun.OfLines(Header, row, row, "C2,A,LAMP,-1,12/1/10 8:26,0.125,17850,Norway");

        Assert.Matches(@"\n  orders +2 +2 +£0\.26\n  cancellations +1 +-1 +-£0\.13\n  net +3 +1 +£0\.13\n", run.Output);
    }

    [Fact]
    public async Task Missing_column_is_named()
    {
        var run = await ShopRun.OfLines("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,CustomerID", "1,A,LAMP,2,12/1/10 8:26,17850");

        Assert.Equal(ExitCode.UnusableFile, run.Code);
        Assert.Contains("has no column UnitPrice, Country. Its first row must name the columns InvoiceNo, ", run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Empty_file_is_an_error()
    {
        var run = await ShopRun.OfLines();

        Assert.Equal(ExitCode.UnusableFile, run.Code);
        Assert.Contains("is empty. Its first row must name the columns.", run.Error);
    }

    [Fact]
    public async Task File_without_rows_is_a_quiet_day()
    {
        var run = await ShopRun.OfLines(Header);

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Matches(@"\n  net +0 +0 +£0\.00\n", run.Output);
    }

    [Theory]
    [InlineData("no-such-file.csv")]
    [InlineData(".")]
    public async Task File_that_cannot_be_read_is_named_with_the_remedy(string path)
    {
        var run = await ShopRun.Of("--file", path);

        Assert.Equal(ExitCode.UnusableFile, run.Code);
        Assert.StartsWith($"'{path}' cannot be read: ", run.Error);
        Assert.EndsWith("Name a readable file with --file PATH.\n", run.Error);
    }
}
