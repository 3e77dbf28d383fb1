using System.Net;
using EventBus.Hosting.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventBus.Hosting.Tests;

/// <summary>ASP.NET Core, with a server that really listens.</summary>
public sealed class WebTests : IAsyncLifetime
{
    private readonly LogLines _lines = new();
    private readonly List<int> _handled = [];
    private readonly Door _door = new();
    private readonly Door _request = new();
    private readonly WebApplication _app;

    public WebTests()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(_lines);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddEventBus(bus => bus.Handle<int>(
            async (number, _, _) =>
            {
                if (number < 0)
                    await _door.HoldAsync();
                _handled.Add(number);
            },
            static s => s.Named("stock")));
        builder.Services.AddEventBusHosting();
        builder.Services.AddHealthChecks().AddEventBus(static health => health.UnhealthyLag = 3);
        _app = builder.Build();
        _app.MapHealthChecks("/health");
        _app.MapPost("/orders/{number:int}", static async (int number, IEventPublisher publisher) => await publisher.PublishAsync(number));
        _app.MapPost("/slow/{number:int}", async (int number, IEventPublisher publisher) =>
        {
            await _request.HoldAsync();
            await publisher.PublishAsync(number);
        });
    }

    public async ValueTask InitializeAsync() => await _app.StartAsync();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task What_a_request_publishes_that_was_under_way_when_the_stop_began_is_settled()
    {
        using var client = Client();
        var answer = client.PostAsync("/slow/7", null);
        await _request.Entered;

        var stopping = _app.StopAsync();
        await StoppingAsync();
        _request.Open();
        var response = await answer.Soon();
        await stopping.Soon();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([7], _handled);
        Assert.StartsWith("Subscription stock at the stop: 1 accepted, 1 handled,", Assert.Single(_lines.Hosting).Text);
    }

    [Fact]
    public async Task The_health_of_the_bus_is_the_applications()
    {
        using var client = Client();

        var healthy = await client.GetAsync("/health");
        foreach (var number in (int[])[-1, 1, 2])
            await client.PostAsync($"/orders/{number}", null);
        var unhealthy = await client.GetAsync("/health");

        Assert.Equal((HttpStatusCode.OK, "Healthy"), (healthy.StatusCode, await healthy.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), (unhealthy.StatusCode, await unhealthy.Content.ReadAsStringAsync()));
        _door.Open();
    }

    [Fact]
    public async Task A_server_does_not_listen_where_the_bus_cannot_start()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddEventBus(static bus => bus.UseSqlite("Data Source=/no/such/folder/events.db").Handle<int>(static (_, _, _) => default, static s => s.Named("stock").Durable())).AddEventBusHosting();
        await using var app = builder.Build();

        await Assert.ThrowsAsync<EventLogException>(() => app.StartAsync());

        Assert.All(app.Urls, static url => Assert.EndsWith(":0", url, StringComparison.Ordinal));
    }

    private HttpClient Client() => new() { BaseAddress = new Uri(_app.Urls.First()) };

    private Task StoppingAsync() => Signals.UntilAsync(() => _app.Lifetime.ApplicationStopping.IsCancellationRequested);
}
