using Microsoft.Extensions.DependencyInjection;

namespace EventBus.AotProgram.Checks;

internal static class Durability
{
    public static Task Durable_events_are_stored_and_read_as_json() => WithFile(async file =>
    {
        var received = new Received();
        await using var provider = Application(file, received, bus => bus
            .AddEvent<OrderCancelled>()
            .AddHandler<OrderPlaced, ReserveStock>(s => s.Named("reserve-stock").Durable().OrderedBy(static order => (order.Number, 1)).Concurrency(2).Idempotent())
            .Handle<IOrderEvent>((order, _, _) => received.Add($"seen {order.Number}"), s => s.Named("every-order").Durable()));
        var bus = provider.GetRequiredService<IEventBus>();
        await bus.StartAsync();

        await bus.PublishAsync(new OrderPlaced("1", 10.50m));
        await bus.PublishAsync(new OrderCancelled("2"), new PublishOptions { Id = "given" });
        await bus.PublishAsync(new OrderCancelled("2"), new PublishOptions { Id = "given" });
        var logged = new List<string>();
        await foreach (var each in bus.EventLog.ReadAsync())
            logged.Add($"{each.Event}");
        await bus.StopAsync();

        Check.Same(["OrderPlaced { Number = 1, Total = 10.50 }", "OrderCancelled { Number = 2 }"], logged, "in the log, read back from its JSON");
        Check.Same(["reserved 1", "seen 1", "seen 2"], received.Texts.Order(StringComparer.Ordinal), "handled");
    });

    public static Task A_restart_goes_on_where_the_process_stopped() => WithFile(async file =>
    {
        await using (var before = Application(file, new Received(), static bus => bus.AddHandler<OrderPlaced, ReserveStock>(static s => s.Named("reserve-stock").Durable().StartPaused())))
        {
            await before.GetRequiredService<IEventBus>().PublishAsync(new OrderPlaced("1", 10m));
            await before.GetRequiredService<IEventBus>().StopAsync();
        }

        var done = new TaskCompletionSource();
        var received = new Received();
        await using var after = Application(file, received, bus => bus
            .AddHandler<OrderPlaced, ReserveStock>(static s => s.Named("reserve-stock").Durable())
            .Handle<StockReserved>((_, _, _) =>
            {
                done.TrySetResult();
                return ValueTask.CompletedTask;
            }));
        await after.GetRequiredService<IEventBus>().StartAsync();
        await done.Task;
        await after.GetRequiredService<IEventBus>().StopAsync();

        Check.Same(["reserved 1"], received.Texts, "handled after the restart, from its JSON");
    });

    public static Task A_type_without_generated_json_is_refused_when_the_bus_is_built() => WithFile(file =>
    {
        using var provider = Application(file, new Received(), static bus =>
            bus.Handle<NotInTheContext>(static (_, _, _) => ValueTask.CompletedTask, static s => s.Named("unknown").Durable()));
        try
        {
            provider.GetRequiredService<IEventBus>();
        }
        catch (EventBusConfigurationException exception) when (exception.Message.Contains("[JsonSerializable(typeof(NotInTheContext))]", StringComparison.Ordinal))
        {
            return Task.CompletedTask;
        }

        throw new CheckFailedException("The bus was built with an event type that the JSON context does not know.");
    });

    public static Task A_type_that_would_not_come_back_is_refused_when_the_bus_is_built() => WithFile(file =>
    {
        using var provider = Application(file, new Received(), static bus => bus.AddEvent<StockCounted>(static e => e.Logged()));
        try
        {
            provider.GetRequiredService<IEventBus>();
        }
        catch (EventBusConfigurationException exception) when (exception.Message.Contains("StockCounted.Count' would come back empty", StringComparison.Ordinal))
        {
            return Task.CompletedTask;
        }

        throw new CheckFailedException("The bus was built with an event type whose state does not come back.");
    });

    private static ServiceProvider Application(string file, Received received, Action<EventBusBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton(received);
        services.AddEventBus(bus => configure(bus.UseSqlite($"Data Source={file}").UseJson(OrderJson.Default)));
        return services.BuildServiceProvider(validateScopes: true);
    }

    private static async Task WithFile(Func<string, Task> check)
    {
        var folder = Directory.CreateTempSubdirectory("eventbus-aot-");
        try
        {
            await check(Path.Combine(folder.FullName, "events.db"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class ReserveStock(Received received) : IEventHandler<OrderPlaced>
    {
        public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
        {
            await received.Add($"reserved {order.Number}");
            await context.Publisher.PublishAsync(new StockReserved(order.Number), cancellationToken);
        }
    }
}
