using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EventBus.Storage;
using EventBus.Testing;
using Shop.Web.Operations;
using Shop.Web.Orders;
using Shop.Web.ReadModels;

namespace Shop.Web.Tests;

/// <summary>The shop through its network interface, and its bus through <c>EventBus.Testing</c>: nothing here waits for time to pass.</summary>
public sealed class ShopTests : IAsyncDisposable
{
    private static readonly OrderRequest s_request = new("17850", [new("85123A", 6), new("71053", 2)]);

    private readonly ShopFactory _shop = new();

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task An_order_is_accepted_and_then_paid_and_counted()
    {
        using var client = _shop.CreateClient();

        var response = await OrderAsync(client, "first");
        await _shop.Bus.WhenIdleAsync();

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(new OrderState("first", "17850", 34.64m, Paid: true), await client.GetFromJsonAsync<OrderState>(response.Headers.Location));
        Assert.Equal([("85123A", 6L), ("71053", 2L)], (await SalesAsync(client)).Select(static sales => (sales.StockCode, sales.Pieces)));
    }

    [Fact]
    public async Task The_payment_is_what_the_order_led_to()
    {
        using var client = _shop.CreateClient();

        await OrderAsync(client, "first");
        var payment = await _shop.Bus.ExpectAsync<PaymentTaken>(payment => payment.Number == "first");

        var order = _shop.Bus.History.Of(payment).Cause!;
        Assert.Equal("first", ((OrderPlaced)order.Event).Number);
        Assert.Equal([payment], order.Caused<PaymentTaken>());
        Assert.Equal("first", order.Metadata.CorrelationId);
    }

    [Fact]
    public async Task A_payment_provider_that_is_away_is_asked_again()
    {
        using var client = _shop.CreateClient();
        _shop.Bus.Faults.FailAttempts("payment", static delivery => delivery.Attempt <= 2 ? new HttpRequestException("away") : null);

        await OrderAsync(client, "first");
        await _shop.Bus.WhenIdleAsync();
        var before = await client.GetFromJsonAsync<OrderState>("/orders/first");
        await _shop.Bus.AdvanceAsync(TimeSpan.FromMinutes(1));
        var after = await client.GetFromJsonAsync<OrderState>("/orders/first");

        Assert.Equal((false, true), (before!.Paid, after!.Paid));
        Assert.Equal([1, 2, 3], Assert.Single(_shop.Bus.History.Retried("payment")).Attempts.Select(static attempt => attempt.Number));
    }

    [Fact]
    public async Task A_declined_payment_is_kept_and_can_be_taken_later()
    {
        using var client = _shop.CreateClient();
        _shop.Payments.Declines = true;
        await OrderAsync(client, "first");
        await _shop.Bus.WhenIdleAsync();
        var letter = Assert.Single((await client.GetFromJsonAsync<LetterView[]>("/dead-letters", JsonSerializerOptions.Web))!);
        var ill = await client.GetFromJsonAsync<HealthView>("/health/ready");

        _shop.Payments.Declines = false;
        var redriven = await client.PostAsync($"/dead-letters/{letter.Id}/redrive", null);
        var again = await client.PostAsync($"/dead-letters/{letter.Id}/redrive", null);
        await _shop.Bus.WhenIdleAsync();
        var well = await client.GetFromJsonAsync<HealthView>("/health/ready");

        Assert.Equal(("payment", "first", 1, "RefusedByHandler"), (letter.Subscription, letter.EventId, letter.Attempts, letter.Reason));
        Assert.Equal(("Degraded", "There are dead letters: 1, and the limit is 1."), (ill!.Status, ill.Description));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (redriven.StatusCode, again.StatusCode));
        Assert.Equal("Healthy", well!.Status);
        Assert.True((await client.GetFromJsonAsync<OrderState>("/orders/first"))!.Paid);
    }

    [Fact]
    public async Task An_order_that_is_sent_twice_under_one_key_counts_once()
    {
        using var client = _shop.CreateClient();

        await OrderAsync(client, "first");
        await OrderAsync(client, "first");
        await _shop.Bus.WhenIdleAsync();

        Assert.Equal(6, (await SalesAsync(client))[0].Pieces);
    }

    [Fact]
    public async Task Every_handler_stands_being_called_twice_for_the_same_event()
    {
        await using var shop = new ShopFactory(static test => test.DeliverTwice());
        using var client = shop.CreateClient();

        await OrderAsync(client, "first");
        await shop.Bus.WhenIdleAsync();

        Assert.Equal(6, (await SalesAsync(client))[0].Pieces);
        Assert.True((await client.GetFromJsonAsync<OrderState>("/orders/first"))!.Paid);
    }

    [Fact]
    public async Task What_was_not_handled_when_the_shop_stopped_is_handled_when_it_is_back()
    {
        var log = new InMemoryEventLog();
        await using (var first = new ShopFactory(test => test.UseLog(log)))
        {
            using var client = first.CreateClient();
            first.Bus.Subscriptions.Single(static subscription => subscription.Name == "payment").Pause();
            await OrderAsync(client, "first");
            await first.Bus.WhenIdleAsync();
            Assert.Empty(first.Bus.History.Published<PaymentTaken>());
        }

        // Nobody asks it for anything: the bus starts with the host.
        await using var second = new ShopFactory(test => test.UseLog(log));
        second.StartServer();
        await second.Bus.WhenIdleAsync();

        Assert.Equal([new PaymentTaken("first", 34.64m)], second.Bus.History.Published<PaymentTaken>());
    }

    [Fact]
    public async Task The_orders_of_the_file_can_be_entered_again_and_again()
    {
        using var client = _shop.CreateClient();

        await client.PostAsync("/tills/50", null);
        await client.PostAsync("/tills/50", null);
        await _shop.Bus.WhenIdleAsync();
        var sales = await SalesAsync(client, 3);

        // Summed from the file itself.
        Assert.Equal([("79321", 200L, 773.04m), ("22779", 192L, 647.04m), ("22780", 192L, 647.04m)], sales.Select(static line => (line.StockCode, line.Pieces, line.Revenue)));
        Assert.Equal(50, _shop.Bus.History.HandledBy<OrderPlaced>("sales").Count);
    }

    [Fact]
    public async Task A_wrong_order_is_refused_and_nothing_is_published()
    {
        using var client = _shop.CreateClient();

        var response = await client.PostAsJsonAsync("/orders", new OrderRequest(" ", [new("no-such", 1), new("71053", 0)]));
        var empty = await client.PostAsJsonAsync("/orders", new OrderRequest("17850", []));

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (response.StatusCode, empty.StatusCode));
        var text = await response.Content.ReadAsStringAsync();
        Assert.All((string[])["Who orders?", "There is no such article.", "At least one piece."], mistake => Assert.Contains(mistake, text));
        Assert.Contains("An order has at least one line.", await empty.Content.ReadAsStringAsync());
        Assert.Empty(_shop.Bus.History.Events);
    }

    [Fact]
    public async Task An_order_that_nobody_placed_is_not_found()
    {
        using var client = _shop.CreateClient();

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/orders/none")).StatusCode);
    }

    [Fact]
    public async Task A_shop_that_works_is_alive_and_ready()
    {
        using var client = _shop.CreateClient();

        var health = await client.GetFromJsonAsync<HealthView>("/health/ready");

        Assert.Equal("Healthy", await client.GetStringAsync("/health/live"));
        Assert.Equal(("Healthy", "Started", "0"), (health!.Status, health.Data["state"], health.Data["payment.lag"]));
    }

    [Fact]
    public void The_settings_of_the_shop_are_used() =>
        Assert.Contains("concurrency 4, ordered by key; retry: 5 attempts, exponential from 00:00:02", _shop.Bus.Topology.Subscriptions.Single(static subscription => subscription.Name == "payment").Settings);

    private static async Task<HttpResponseMessage> OrderAsync(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = JsonContent.Create(s_request) };
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private static async Task<Sales[]> SalesAsync(HttpClient client, int top = 5) => (await client.GetFromJsonAsync<Sales[]>($"/sales?top={top}"))!;
}
