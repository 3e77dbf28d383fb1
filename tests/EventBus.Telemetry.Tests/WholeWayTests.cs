using System.Diagnostics;
using EventBus.Telemetry.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EventBus.Telemetry.Tests;

/// <summary>An application as it runs: a web server, an event log on disk, and OpenTelemetry built in the three lines that the page about it shows.</summary>
public sealed class WholeWayTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbus-telemetry-");
    private readonly List<Activity> _spans = [];

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task One_trace_leads_from_a_request_through_the_log_and_a_restart_to_what_the_handler_publishes()
    {
        await using (var before = await StartAsync(isPaused: true))
        {
            using var client = before.GetTestClient();
            using var response = await client.PostAsync("/orders/1", null);
            response.EnsureSuccessStatusCode();
        }

        Assert.DoesNotContain(_spans, static span => span.Kind == ActivityKind.Consumer);
        await using (var after = await StartAsync(isPaused: false))
            await after.Services.GetRequiredService<IEventBus>().WhenSettled();

        var request = Assert.Single(_spans, static span => span.Kind == ActivityKind.Server);
        Activity[] way = [request, One("publish order-placed"), One("process order-placed"), One("publish payment-taken"), One("process payment-taken")];
        Assert.Equal(way[..^1].Select(static span => span.SpanId), way[1..].Select(static span => span.ParentSpanId));
        Assert.Equal([request.TraceId], _spans.Select(static span => span.TraceId).Distinct());
        Assert.Equal([ActivityKind.Server, ActivityKind.Producer, ActivityKind.Consumer, ActivityKind.Producer, ActivityKind.Consumer], way.Select(static span => span.Kind));
    }

    private Activity One(string name) => Assert.Single(_spans, span => span.DisplayName == name);

    private async Task<WebApplication> StartAsync(bool isPaused)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddEventBus(bus =>
        {
            bus.UseSqlite($"Data Source={Path.Combine(_folder.FullName, "events.db")}");
            bus.Handle<OrderPlaced>(static (order, context, token) => context.Publisher.PublishAsync(new PaymentTaken(order.Number), token), s => Paused(s.Named("payment").Durable(), isPaused));
            bus.Handle<PaymentTaken>(static (_, _, _) => default, static s => s.Named("mail"));
        });
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource("EventBus").AddAspNetCoreInstrumentation().AddInMemoryExporter(_spans))
            .WithMetrics(static metrics => metrics.AddMeter("EventBus"));
        var application = builder.Build();
        application.MapPost("/orders/{number}", static (string number, IEventPublisher publisher, CancellationToken token) => publisher.PublishAsync(new OrderPlaced(number), token).AsTask());
        await application.StartAsync();
        await application.Services.GetRequiredService<IEventBus>().StartAsync();
        return application;
    }

    private static void Paused(SubscriptionBuilder<OrderPlaced> subscription, bool isPaused)
    {
        if (isPaused)
            subscription.StartPaused();
    }
}
