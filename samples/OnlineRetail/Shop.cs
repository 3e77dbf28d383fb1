using EventBus;
using Microsoft.Extensions.DependencyInjection;
using OnlineRetail.Events;
using OnlineRetail.Handlers;
using OnlineRetail.Publishing;
using OnlineRetail.ReadModels;
using OnlineRetail.Reading;
using OnlineRetail.Reporting;

namespace OnlineRetail;

/// <summary>Wires the shop together and lets its tills work through the invoices.</summary>
public static class Shop
{
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromMilliseconds(50);

    /// <summary>The subscriptions. This is the part to copy from.</summary>
    public static IServiceCollection AddShop(this IServiceCollection services)
    {
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<Revenue>();
        services.AddSingleton<Stock>();
        services.AddSingleton<Loyalty>();
        services.AddSingleton<Tills>();

        return services.AddEventBus(bus =>
        {
            // Within the publish: when the till goes on, the line is written down.
            bus.AddHandler<IInvoiceLine, WriteAudit>(s => s.Named("audit").Inline().AsSingleton());

            // Queued, two event types in one queue: a read model beside the tills' work (CQRS).
            bus.AddSubscription<ProjectRevenue>("revenue", s => s.On<LineSold>().On<LineCancelled>().AsSingleton());

            // Four at once, but each stock code in order and one at a time.
            bus.AddHandler<IInvoiceLine, ProjectStock>(s => s.Named("stock").OrderedBy(line => line.StockCode).Concurrency(4));

            // Fails on odd lines: up to three attempts, then a dead letter.
            bus.AddHandler<IInvoiceLine, CheckLine>(s => s.Named("check").Retry(RetryPolicy.Exponential(maxAttempts: 3, s_firstRetry, s_longestRetry)));

            // Known customers only, and an invoice that is sent twice counts once.
            bus.AddHandler<InvoiceClosed, BookLoyalty>(s => s.Named("loyalty").Where(invoice => invoice.CustomerId is not null).Idempotent());
        });
    }

    /// <summary>Publishes all invoices, stops the bus, and hands over what the subscriptions made of them.</summary>
    /// <param name="invoices">The invoices.</param>
    /// <param name="flow">Follows one of them.</param>
    /// <param name="output">Where the live line goes.</param>
    /// <param name="terminalWidth">Null where the output is no terminal.</param>
    /// <param name="closing">Closes the tills early.</param>
    public static async Task<ShopResults> RunAsync(IReadOnlyList<Invoice> invoices, FlowLog flow, TextWriter output, int? terminalWidth, CancellationToken closing)
    {
        await using var services = new ServiceCollection().AddSingleton(flow).AddShop().BuildServiceProvider();
        var bus = services.GetRequiredService<IEventBus>();
        var tills = services.GetRequiredService<Tills>();

        StopReceipt receipt;
        await using (new LiveLine(output, terminalWidth, () => tills.Published, Tills.CountEvents(invoices), bus.Subscriptions))
        {
            await tills.PublishAsync(invoices, closing);

            // Waits until everything that was accepted is settled, retries included.
            receipt = await bus.StopAsync(cancellationToken: CancellationToken.None);
        }

        return new ShopResults
        {
            Audit = services.GetRequiredService<AuditTrail>(),
            Revenue = services.GetRequiredService<Revenue>(),
            Stock = services.GetRequiredService<Stock>(),
            Loyalty = services.GetRequiredService<Loyalty>(),
            Doubles = tills.Doubles,
            DeadLetters = await ReadAsync(bus.DeadLetters),
            Receipt = receipt,
        };
    }

    private static async Task<IReadOnlyList<DeadLetter>> ReadAsync(IDeadLetters deadLetters)
    {
        List<DeadLetter> all = [];
        await foreach (var letter in deadLetters.AllAsync())
            all.Add(letter);
        return all;
    }
}
