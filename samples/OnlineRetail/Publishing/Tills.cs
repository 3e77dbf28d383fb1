using System.Collections.Concurrent;
using EventBus;
using OnlineRetail.Durable;
using OnlineRetail.Events;
using OnlineRetail.Reading;
using OnlineRetail.Reporting;

namespace OnlineRetail.Publishing;

/// <summary>The shop's tills: several publishers at once, each taking whole invoices, so that the lines of an invoice keep their order.</summary>
public sealed class Tills(IEventPublisher publisher, DeliberateCrash crash, FlowLog flow)
{
    public const int Count = 4;

    /// <summary>After so many invoices a till believes that its last message was lost, and sends it again.</summary>
    public const int DoubleEvery = 5;

    /// <summary>Where the facts happened. Id and source together name a fact: entered at another till it is still the same line of the same invoice.</summary>
    public const string Source = "online-retail";

    /// <summary>The header that names the till.</summary>
    public const string TillHeader = "till";

    private long _published;
    private long _doubles;

    public long Published => Interlocked.Read(ref _published);

    public long Doubles => Interlocked.Read(ref _doubles);

    /// <summary>How many events the invoices make: one a line, one a closed invoice, and the doubles.</summary>
    public static long CountEvents(IReadOnlyList<Invoice> invoices) =>
        invoices.Sum(static invoice => invoice.Lines.Count + 1L) + ((invoices.Count + DoubleEvery - 1) / DoubleEvery);

    /// <summary>Completes when all invoices are published. When cancelled, each till finishes its invoice first.</summary>
    public Task PublishAsync(IReadOnlyList<Invoice> invoices, CancellationToken closing)
    {
        var line = new ConcurrentQueue<(Invoice, int)>(invoices.Select(static (invoice, index) => (invoice, index)));
        return Task.WhenAll(Enumerable.Range(1, Count).Select(number => Task.Run(() => ServeAsync($"till-{number}", line, closing), CancellationToken.None)));
    }

    private async Task ServeAsync(string till, ConcurrentQueue<(Invoice Invoice, int Index)> line, CancellationToken closing)
    {
        while (!closing.IsCancellationRequested && line.TryDequeue(out var next))
            await EnterAsync(till, next.Invoice, isSentTwice: next.Index % DoubleEvery == 0);
    }

    private async Task EnterAsync(string till, Invoice invoice, bool isSentTwice)
    {
        foreach (var line in invoice.Lines)
        {
            var options = Options(till, invoice, $"{invoice.Number}/{line.Number}");
            flow.Published(options, $"{line.GetType().Name} {line.StockCode}, {line.Quantity} at {Money.Text(line.UnitPrice)}");

            // Routing is by runtime type: a LineSold reaches the subscribers of LineSold and of IInvoiceLine.
            await publisher.PublishAsync(line, options, CancellationToken.None);
            Interlocked.Increment(ref _published);
            crash.Count();
        }

        var closed = new InvoiceClosed(invoice.Number, invoice.CustomerId, invoice.Amount);
        var closedOptions = Options(till, invoice, $"{invoice.Number}/closed");
        for (var i = 0; i < (isSentTwice ? 2 : 1); i++)
        {
            flow.Published(closedOptions, $"InvoiceClosed {Money.Text(closed.Amount)}{(i == 0 ? "" : " (sent again, same id)")}");
            await publisher.PublishAsync(closed, closedOptions, CancellationToken.None);
            Interlocked.Increment(ref _published);
            crash.Count();
        }

        if (isSentTwice)
            Interlocked.Increment(ref _doubles);
    }

    private static PublishOptions Options(string till, Invoice invoice, string id) =>
        new() { Id = id, CorrelationId = invoice.Number, Source = Source, Headers = new Dictionary<string, string> { [TillHeader] = till } };
}
