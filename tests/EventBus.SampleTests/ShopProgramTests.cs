using EventBus.SampleTests.Support;
using OnlineRetail;

namespace EventBus.SampleTests;

public sealed class ShopProgramTests
{
    [Fact]
    public async Task Shipped_file_ends_with_tables_the_receipt_and_success()
    {
        var run = await ShopRun.Of();

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Empty(run.Error);
        Assert.Matches(@"\n  orders +14,420 +119,171 +£258,154\.28\n", run.Output);
        Assert.Matches(@"\n  cancellations +174 +-11,165 +-£5,174\.51\n", run.Output);
        Assert.Matches(@"\n  net +14,594 +108,006 +£252,979\.77\n", run.Output);
        Assert.Matches(@"\n  Norway +1,852 +£1,919\.14 +£0\.00 +£1,919\.14\n", run.Output);
        Assert.Matches(@"\n  07:00 +156 +£467\.00 +£0\.00 +£467\.00\n", run.Output);
        Assert.Matches(@"\n  check +MaxAttemptsExceeded +The price is zero\. +3 +79\n", run.Output);
        Assert.Matches(@"\n  check +RefusedByHandler +Negative quantity .* +1 +45\n", run.Output);
        Assert.Contains("still scheduled: 0; stopped in", run.Output);
        Assert.Matches(@"\n  stock +14,594 +14,594  yes\n", run.Output);
        Assert.EndsWith("\nAll is well: every accepted event is settled; 124 dead letters to look at.\n", run.Output);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    public async Task Tables_fit_the_terminal(int width)
    {
        var run = await ShopRun.Of(width, []);

        var lines = run.Output[run.Output.IndexOf("Totals", StringComparison.Ordinal)..].Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        Assert.Contains(lines, static line => line.StartsWith("check", StringComparison.Ordinal));
        Assert.Matches(@"\n  check +RefusedByHandler +Negative quantity .* +1 +45\n( {10,}.*\n)* {10,}.*cancellation\.\n", run.Output);
    }

    [Fact]
    public async Task Columns_of_zeros_are_left_out()
    {
        var run = await ShopRun.OfLines("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", "1,A,LAMP,2,12/1/10 8:26,2.50,17850,Norway");

        Assert.Contains("\n  country  quantity  orders  net revenue\n", run.Output);
        Assert.Contains("\nsubscription   accepted    handled  duplicate\n", run.Output);
        Assert.EndsWith("\nAll is well: every accepted event is settled; 0 dead letters to look at.\n", run.Output);
    }

    [Fact]
    public async Task Colour_is_for_terminals_only()
    {
        var terminal = await ShopRun.Of(80, [], hasColour: true);
        var file = await ShopRun.Of(null, [], hasColour: true);

        Assert.Contains("\e[32mAll is well", terminal.Output);
        Assert.DoesNotContain('\e', file.Output);
    }

    [Fact]
    public async Task Redirected_output_has_plain_progress_lines()
    {
        var run = await ShopRun.Of();

        Assert.Contains("\npublished 15,433 of 15,433 (100 %), ", run.Output);
        Assert.Contains(" events/s, 0 deliveries wait\n", run.Output);
        Assert.DoesNotContain(run.Output, character => char.IsControl(character) && character != '\n');
    }

    [Fact]
    public async Task Terminal_has_one_progress_line_that_is_written_over_and_ended()
    {
        const int Width = 60;

        var run = await ShopRun.Of(Width, []);

        var progress = run.Output.Split('\n')[1];
        Assert.All(progress.Split('\r').Skip(1), state => Assert.Equal(Width - 1, state.Length));
        Assert.StartsWith("published 15,433 of 15,433", progress.Split('\r')[^1]);
        Assert.DoesNotContain('\r', run.Output[(run.Output.IndexOf('\n') + 1 + progress.Length)..]);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_names_every_option_and_exit_code(string option)
    {
        var run = await ShopRun.Of(option);

        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(CommandLine.Help + "\n", run.Output);
        Assert.All(["--file PATH", "--verbose [INVOICE]", "--help", .. Enum.GetValues<ExitCode>().Select(code => $"{code:D} ")], text => Assert.Contains(text, run.Output));
        Assert.Empty(run.Error);
    }

    [Theory]
    [InlineData("Unknown option '--fast'. Run with --help for the options.\n", "--fast")]
    [InlineData("Unknown option 'orders.csv'. Run with --help for the options.\n", "orders.csv")]
    [InlineData("Option --file needs a path. Run with --help for the options.\n", "--file")]
    [InlineData("Option --file needs a path. Run with --help for the options.\n", "--file", "--verbose")]
    public async Task Wrong_command_line_is_named_and_nothing_is_run(string message, params string[] args)
    {
        var run = await ShopRun.Of(args);

        Assert.Equal(ExitCode.WrongCommandLine, run.Code);
        Assert.Equal(message, run.Error);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("--verbose")]
    [InlineData("--verbose", "536365")]
    public async Task Verbose_prints_the_flow_of_one_invoice(params string[] args)
    {
        var run = await ShopRun.Of(args);

        Assert.Contains("The flow of invoice 536365\n  536365/1\n", run.Output);
        Assert.Matches(@"    till-\d    publishes LineSold 85123A, 6 at £2\.55\n", run.Output);
        Assert.Contains("    audit     attempt 1: written down\n", run.Output);
        Assert.Contains("    revenue   attempt 1: United Kingdom, 08:00: £15.30\n", run.Output);
        Assert.Contains("    check     attempt 1: fine\n", run.Output);
        Assert.Contains("publishes InvoiceClosed £139.12 (sent again, same id)\n", run.Output);
        Assert.Single(run.Output.Split('\n'), line => line.StartsWith("    loyalty   attempt 1: customer 17850: £139.12", StringComparison.Ordinal));
        Assert.DoesNotContain("\n  536366/1\n", run.Output);
    }

    [Fact]
    public async Task Verbose_shows_the_attempts_of_a_line_that_fails()
    {
        var odd = PlainFile.Rows.First(row => row.Price == 0 && row.Quantity > 0);

        var run = await ShopRun.Of("--verbose", odd.Invoice);

        Assert.All([1, 2, 3], attempt => Assert.Contains($"    check     attempt {attempt}: failed: The price is zero.\n", run.Output));
    }

    [Fact]
    public async Task Verbose_of_an_unknown_invoice_is_a_clear_error()
    {
        var run = await ShopRun.Of("--verbose", "1");

        Assert.Equal(ExitCode.WrongCommandLine, run.Code);
        Assert.StartsWith("Invoice '1' is not in '", run.Error);
    }

    [Fact]
    public async Task Closed_early_the_tills_stop_and_the_exit_code_says_so()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await RetailApp.RunAsync([], output, error, closing: new CancellationToken(canceled: true));

        Assert.Equal(ExitCode.Interrupted, code);
        Assert.Contains("published 0 of 15,433 (0 %)", output.ToString());
        Assert.Contains("still scheduled: 0", output.ToString());
    }
}
