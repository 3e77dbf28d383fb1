using System.Text.Json;
using EventBus;
using EventBus.HostChild;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// The program that is told to stop: EventBus.Hosting.Tests starts it, sends SIGTERM and reads what it prints.
var life = JsonSerializer.Deserialize<Life>(args[0])!;
var builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = life.StopLimit);
builder.Services.AddSingleton(life);
builder.Services.AddSingleton<Ledger>();
builder.Services.AddHostedService<Load>();
builder.Services.AddEventBus(bus => bus
    .UseSqlite($"Data Source={life.File}")
    .Handle<Queued, Ledger>(static (fact, ledger, _, _) => ledger.HandleAsync(fact), static s => s.Named("queued").Concurrency(2))
    .Handle<Stored, Ledger>(static (fact, ledger, _, _) => ledger.HandleAsync(fact), static s => s.Named("stored").Durable().Retry(RetryPolicy.Fixed(1_000_000, TimeSpan.FromMilliseconds(10)))));
builder.Services.AddEventBusHosting(hosting => hosting.StopLimit = life.StopLimit);

using var host = builder.Build();
var ledger = host.Services.GetRequiredService<Ledger>();
await host.StartAsync();
Ledger.Say("started");
await host.WaitForShutdownAsync();

await ledger.WhenPublishersHaveEndedAsync();
Ledger.Say($"accepted {ledger.Accepted<Queued>()} {ledger.Accepted<Stored>()}");
// A stop that is asked for again has the same receipt.
foreach (var receipt in (await host.Services.GetRequiredService<IEventBus>().StopAsync()).Subscriptions)
{
    var counts = receipt.Statistics;
    Ledger.Say($"receipt {receipt.Name} {counts.Accepted} {counts.Settled} {receipt.Abandoned.Count} {receipt.Kept} {counts.Lag} {counts.Handled}");
}

Ledger.Say("ended");
