using OnlineRetail;
using OnlineRetail.Reading;
using OnlineRetail.Reporting;

namespace EventBus.SampleTests.Support;

/// <summary>The shop's whole file, run once for all tests of a class.</summary>
public sealed class ClosedShop : IAsyncLifetime
{
    public ShopResults Results { get; private set; } = null!; // Set before the first test runs.

    public IReadOnlyList<Invoice> Invoices { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        Invoices = InvoiceFile.Read(CommandLine.DefaultFile).Invoices;
        Results = await Shop.RunAsync(Invoices, CommandLine.Parse([]), new FlowLog(null), new Screen(TextWriter.Null, null), CancellationToken.None);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
