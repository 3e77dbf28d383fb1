using EventBus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OnlineRetail.Durable;
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
    /// <param name="services">The container's services.</param>
    /// <param name="durable">Where the shop keeps its events; null for a shop in memory.</param>
    public static IServiceCollection AddShop(this IServiceCollection services, DurableShop? durable = null)
    {
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<Revenue>();
        services.AddSingleton<Stock>();
        services.AddSingleton<Loyalty>();
        services.AddSingleton<Tills>();
        services.TryAddSingleton(new DeliberateCrash(null, null));
        if (durable is null)
            services.AddSingleton<IAppliedEvents, NothingApplied>();
        else
            services.AddSingleton(_ => new AppliedEvents(durable.ModelFile)).AddSingleton<IAppliedEvents>(static provider => provider.GetRequiredService<AppliedEvents>());

        return services.AddEventBus(bus =>
        {
            if (durable is not null)
                bus.UseSqlite($"Data Source={durable.LogFile}").UseJson(ShopJson.Default);

            // Within the publish: when the till goes on, the line is written down.
            bus.AddHandler<IInvoiceLine, WriteAudit>(s => s.Named("audit").Inline().AsSingleton());

            // Two event types in one queue: a read model beside the tills' work (CQRS).
            bus.AddSubscription<ProjectRevenue>("revenue", s => s.On<LineSold>().On<LineCancelled>().AsSingleton().KeptIn(durable));

            // Four at once, but each stock code in order and one at a time.
            bus.AddHandler<IInvoiceLine, ProjectStock>(s => s.Named("stock").OrderedBy(line => line.StockCode).Concurrency(4).KeptIn(durable));

            // Fails on odd lines: up to three attempts, then a dead letter.
            bus.AddHandler<IInvoiceLine, CheckLine>(s => s.Named("check").Retry(RetryPolicy.Exponential(maxAttempts: 3, s_firstRetry, s_longestRetry)).KeptIn(durable));

            // Known customers only, and an invoice that is sent twice counts once.
            bus.AddHandler<InvoiceClosed, BookLoyalty>(s => s.Named("loyalty").Where(invoice => invoice.CustomerId is not null).Idempotent().KeptIn(durable));
        });
    }

    /// <summary>Publishes all invoices, stops the bus, and hands over what the subscriptions made of them.</summary>
    /// <param name="invoices">The invoices.</param>
    /// <param name="order">What the user asked for.</param>
    /// <param name="flow">Follows one of them.</param>
    /// <param name="screen">Where the live line goes.</param>
    /// <param name="closing">Closes the tills early.</param>
    /// <exception cref="EventLogException">The log cannot be opened.</exception>
    public static async Task<ShopResults> RunAsync(IReadOnlyList<Invoice> invoices, CommandLine order, FlowLog flow, Screen screen, CancellationToken closing)
    {
        var durable = order.DurableFile is { } file ? new DurableShop(file) : null;
        await using var services = new ServiceCollection().AddSingleton(flow).AddSingleton(new DeliberateCrash(order.KillAfter, screen)).AddShop(durable).BuildServiceProvider();
        var bus = services.GetRequiredService<IEventBus>();
        var tills = services.GetRequiredService<Tills>();
        if (durable is not null)
            DurableShop.Load(services);
        await bus.StartAsync(CancellationToken.None);
        if (durable is not null)
            await DurableShop.WriteBeginningAsync(bus, order, screen.Output);

        StopReceipt receipt;
        var audit = services.GetRequiredService<AuditTrail>();
        await using (new LiveLine(screen, () => tills.Published, order.Replay is null ? Tills.CountEvents(invoices) : 0, bus.Subscriptions))
        {
            if (order.Replay is { } model)
                await DurableShop.ReplayAsync(services, model);
            else
                await tills.PublishAsync(invoices, closing);

            if (durable is not null)
            {
                await DurableShop.WhenCaughtUpAsync(bus);
                audit = await DurableShop.ReadAuditAsync(bus);
            }

            // In memory: waits until everything that was accepted is settled, retries included. Durable: what is left is kept.
            receipt = await bus.StopAsync(cancellationToken: CancellationToken.None);
        }

        // The dead letters are in the log.
        if (durable is not null)
            await bus.StartAsync(CancellationToken.None);
        return new ShopResults
        {
            Audit = audit,
            Revenue = services.GetRequiredService<Revenue>(),
            Stock = services.GetRequiredService<Stock>(),
            Loyalty = services.GetRequiredService<Loyalty>(),
            Doubles = tills.Doubles,
            DeadLetters = await ReadAsync(bus.DeadLetters),
            Receipt = receipt,
        };
    }

    /// <summary>One word makes a queued subscription a durable one.</summary>
    private static SubscriptionBuilderOf<TSelf> KeptIn<TSelf>(this SubscriptionBuilderOf<TSelf> subscription, DurableShop? durable)
        where TSelf : SubscriptionBuilderOf<TSelf>
    {
        if (durable is not null)
            subscription.Durable();
        return subscription;
    }

    private static async Task<IReadOnlyList<DeadLetter>> ReadAsync(IDeadLetters deadLetters)
    {
        List<DeadLetter> all = [];
        await foreach (var letter in deadLetters.AllAsync())
            all.Add(letter);
        return all;
    }
}
