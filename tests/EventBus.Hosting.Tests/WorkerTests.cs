using EventBus.Hosting.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Tests;

/// <summary>A worker service, as its template makes one.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task A_worker_publishes_from_its_first_moment_to_its_last_and_all_of_it_is_settled()
    {
        var handled = new List<string>();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<Door>();
        builder.Services.AddHostedService<Worker>();
        builder.Services.AddEventBus(bus => bus.Handle<string>(async (text, _, _) =>
        {
            await Task.Yield();
            handled.Add(text);
        }));
        builder.Services.AddEventBusHosting();
        using var host = builder.Build();

        await host.StartAsync();
        await host.Services.GetRequiredService<Door>().Entered;
        await host.StopAsync().Soon();

        Assert.Equal(["first", "last"], handled);
    }

    private sealed class Worker(IEventPublisher publisher, Door door) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await publisher.PublishAsync("first", stoppingToken);
            try
            {
                await door.PassAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                await publisher.PublishAsync("last", CancellationToken.None);
            }
        }
    }
}
