using EventBus;
using Microsoft.Extensions.DependencyInjection;
using OnlineRetail.Events;
using OnlineRetail.Publishing;
using OnlineRetail.ReadModels;
using OnlineRetail.Reporting;

namespace OnlineRetail.Durable;

/// <summary>The shop on an event log: what was published, and how far each subscription is, survives the process.</summary>
public sealed class DurableShop(string logFile)
{
    /// <summary>The read models that can be built again from the log.</summary>
    public static IReadOnlyList<string> ReadModels { get; } = ["revenue", "stock", "loyalty"];

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    public string LogFile => logFile;

    /// <summary>The read models' own file, beside the log.</summary>
    public string ModelFile => Path.ChangeExtension(logFile, ".models.db");

    /// <summary>Goes on with the read models where the last run left them.</summary>
    public static void Load(IServiceProvider services)
    {
        var applied = services.GetRequiredService<AppliedEvents>();
        var (revenue, stock, loyalty) = (services.GetRequiredService<Revenue>(), services.GetRequiredService<Stock>(), services.GetRequiredService<Loyalty>());
        foreach (var @event in applied.Read("revenue"))
        {
            if (@event is LineSold sold)
                revenue.Add(sold);
            else
                revenue.Add((LineCancelled)@event);
        }

        foreach (var line in applied.Read("stock").Cast<IInvoiceLine>())
            stock.Move(line);
        foreach (var invoice in applied.Read("loyalty").Cast<InvoiceClosed>())
            loyalty.Book(invoice.CustomerId!, invoice.Amount);
    }

    /// <summary>Says what the log has from earlier runs, and why this run is slower than one in memory.</summary>
    public static async Task WriteBeginningAsync(IEventBus bus, CommandLine order, TextWriter output)
    {
        var log = await bus.EventLog.GetStatisticsAsync();
        if (log.Events > 0)
            await output.WriteLineAsync($"found {Screen.Count(log.Events, "event", "events")} of the last run, continuing");
        if (order.Replay is null)
            await output.WriteLineAsync($"Each of the {Tills.Count} tills waits until its line is on disk (fsync) before it enters the next one, and the read models commit each event: the disk sets the speed.");
    }

    /// <summary>Builds a read model again: forgets it, and has its subscription read the log from the beginning.</summary>
    public static async Task ReplayAsync(IServiceProvider services, string model)
    {
        services.GetRequiredService<AppliedEvents>().Forget(model);
        switch (model)
        {
            case "revenue":
                services.GetRequiredService<Revenue>().Clear();
                break;
            case "stock":
                services.GetRequiredService<Stock>().Clear();
                break;
            default:
                services.GetRequiredService<Loyalty>().Clear();
                break;
        }

        await services.GetRequiredService<IEventBus>().EventLog.ReplayAsync(model, LogPosition.Earliest);
    }

    /// <summary>Completes when every subscription has read the whole log, and has settled what it read.</summary>
    public static async Task WhenCaughtUpAsync(IEventBus bus)
    {
        using var look = new PeriodicTimer(s_look);
        while (bus.Subscriptions.Any(static subscription => subscription.Statistics is { Lag: > 0 } or { Waiting: > 0 }))
            await look.WaitForNextTickAsync();
    }

    /// <summary>The audit, from the log itself: it has every line of every run.</summary>
    public static async Task<AuditTrail> ReadAuditAsync(IEventBus bus)
    {
        var audit = new AuditTrail();
        await foreach (var logged in bus.EventLog.ReadAsync(new LogQuery { Types = [typeof(IInvoiceLine)] }))
        {
            if (logged.Event is IInvoiceLine line)
                audit.Add(new AuditEntry(logged.Metadata.Id, line.InvoiceNo, line.Number, logged.Metadata.Headers.GetValueOrDefault(Tills.TillHeader, "unknown")));
        }

        return audit;
    }
}
