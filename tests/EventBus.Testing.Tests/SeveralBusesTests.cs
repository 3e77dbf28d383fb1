using EventBus.Storage;
using EventBus.Testing.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EventBus.Testing.Tests;

/// <summary>Applications with several buses, each with a key.</summary>
public sealed class SeveralBusesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_bus_is_under_test_whatever_the_order_and_whichever_was_named(bool testingFirst)
    {
        var services = new ServiceCollection();
        if (testingFirst)
            services.AddEventBusTesting("orders");
        Application(services);
        if (!testingFirst)
            services.AddEventBusTesting("orders");
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        var orders = Bus(provider, "orders");
        var billing = Bus(provider, "billing");

        await orders.PublishAsync(new OrderPlaced("1"));
        var receipt = await billing.ExpectAsync<ReceiptSent>();

        Assert.Equal(new ReceiptSent("1"), receipt);
        Assert.Equal((1, 1), ((await orders.EventLog.GetStatisticsAsync()).Head, (await billing.EventLog.GetStatisticsAsync()).Head));
        Assert.Equal([new OrderPlaced("1")], orders.History.Published<object>());
        Assert.Equal([new ReceiptSent("1")], billing.History.HandledBy<ReceiptSent>("parcels"));
    }

    [Fact]
    public async Task The_one_without_a_key_and_those_with_one_are_tested_by_one_call()
    {
        var services = new ServiceCollection();
        Application(services);
        services.AddEventBus(static bus => bus.Hears("stock"));
        services.AddEventBusTesting();
        await using var provider = services.BuildServiceProvider();
        var bus = provider.GetRequiredService<TestBus>();

        await bus.PublishAsync(new OrderPlaced("1"));
        await bus.WhenIdleAsync();

        Assert.Equal([new OrderPlaced("1")], bus.History.HandledBy<OrderPlaced>("stock"));
        Assert.Empty(Bus(provider, "orders").History.Events);
        Assert.Same(bus.Clock, Bus(provider, "billing").Clock);
        Assert.Same(bus.Clock, provider.GetRequiredService<TimeProvider>());
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("billing")]
    public async Task Whoever_waits_for_one_waits_for_what_its_events_lead_to_in_all(string waitsFor)
    {
        const int Rounds = 200;
        var services = new ServiceCollection();
        services.AddEventBus("orders", static bus => bus.Handle<Ball>(static async (ball, context, token) => await HitAsync(ball, "billing", context, token)));
        services.AddEventBus("billing", static bus => bus.Handle<Ball>(static async (ball, context, token) => await HitAsync(ball, "orders", context, token)));
        services.AddEventBusTesting("orders").AddEventBusTesting("billing");
        await using var provider = services.BuildServiceProvider();
        var orders = Bus(provider, "orders");

        await orders.PublishAsync(new Ball(Rounds));
        await Bus(provider, waitsFor).WhenIdleAsync();

        Assert.Equal((Rounds / 2) + 1, orders.History.Published<Ball>().Count);
        Assert.Equal(Rounds / 2, Bus(provider, "billing").History.Published<Ball>().Count);
    }

    [Theory]
    [InlineData("orders")]
    [InlineData("billing")]
    public async Task Time_passes_for_all_and_what_becomes_due_in_any_comes_at_its_time(string advances)
    {
        var services = new ServiceCollection();
        // Each lets a minute pass, and gives it to the other.
        services.AddEventBus("orders", static bus => bus.Handle<Ball>(static (ball, context, token) => LaterAsync(ball, "billing", context, token)));
        services.AddEventBus("billing", static bus => bus.Handle<Ball>(static (ball, context, token) => LaterAsync(ball, "orders", context, token)));
        services.AddEventBusTesting("orders");
        await using var provider = services.BuildServiceProvider();
        var (orders, billing) = (Bus(provider, "orders"), Bus(provider, "billing"));
        var start = orders.Clock.GetUtcNow();
        await orders.PublishAsync(new Ball(10));

        await Bus(provider, advances).AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal([0, 2, 4], orders.History.Events.Select(recorded => (recorded.Metadata.Time - start).TotalMinutes));
        Assert.Equal([1, 3, 5], billing.History.Events.Select(recorded => (recorded.Metadata.Time - start).TotalMinutes));
    }

    [Fact]
    public async Task A_bus_without_a_key_that_the_application_does_not_have_stays_a_mistake()
    {
        var services = new ServiceCollection();
        Application(services);
        services.AddEventBusTesting("orders");
        await using var provider = services.BuildServiceProvider();

        var error = Assert.Throws<EventBusConfigurationException>(provider.GetRequiredService<IEventPublisher>);

        Assert.Contains("There is no event bus without a key, but with the keys \"orders\", \"billing\".", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_differs_from_production_as_was_said_of_it()
    {
        var log = new InMemoryEventLog();
        var calls = new Dictionary<string, int> { ["orders"] = 0, ["billing"] = 0 };
        var services = new ServiceCollection();
        foreach (var key in calls.Keys)
        {
            services.AddEventBus(key, bus => bus.Hears("counts", (_, _) =>
            {
                lock (calls)
                    calls[key]++;
                return default;
            }));
        }

        services.AddEventBus("orders", static bus => bus.AddEvent<OrderPlaced>(static e => e.Logged()));
        services.AddEventBusTesting("billing", static test => test.DeliverTwice());
        services.AddEventBusTesting("orders", test => test.UseLog(log));
        services.AddEventBusTesting("billing", static test => test.UseClock(new TestClock(new DateTimeOffset(2011, 12, 1, 8, 0, 0, TimeSpan.Zero))));
        await using var provider = services.BuildServiceProvider();
        var orders = Bus(provider, "orders");

        await orders.PublishAsync(new OrderPlaced("1"));
        await Bus(provider, "billing").PublishAsync(new OrderPlaced("2"));
        await orders.WhenIdleAsync();

        Assert.Equal((1, 2), (calls["orders"], calls["billing"]));
        Assert.Equal((1, 2011), (log.ReadStatistics().Head, orders.Clock.GetUtcNow().Year));
    }

    [Fact]
    public async Task A_clock_cannot_be_chosen_when_another_bus_has_one()
    {
        TestBusBuilder? late = null;
        var services = new ServiceCollection();
        Application(services);
        services.AddEventBusTesting("orders").AddEventBusTesting("billing", test => late = test);
        await using var provider = services.BuildServiceProvider();
        _ = Bus(provider, "orders");

        var error = Assert.Throws<InvalidOperationException>(() => late!.UseClock(new TestClock()));

        Assert.Equal("The bus under test is built. Say how it differs before that.", error.Message);
    }

    [Fact]
    public async Task A_handler_of_another_that_does_not_return_is_shown()
    {
        var services = new ServiceCollection();
        services.AddEventBus("orders", static bus => bus.Hears("stock"));
        services.AddEventBus("billing", static bus => bus.Hears("hanging", static (_, _) => new(new TaskCompletionSource().Task)));
        services.AddEventBusTesting("orders", static test => test.Patience(TimeSpan.FromMilliseconds(1)));
        await using var provider = services.BuildServiceProvider();
        var orders = Bus(provider, "orders");
        await Bus(provider, "billing").PublishAsync(new OrderPlaced("1"));
        await Bus(provider, "billing").WhenRunning("hanging");

        var error = await Assert.ThrowsAsync<TimeoutException>(orders.WhenIdleAsync);

        Assert.Contains("└─ hanging: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_has_died_or_is_disposed_is_not_waited_for()
    {
        var services = new ServiceCollection();
        foreach (var key in new[] { "orders", "dead", "gone" })
            services.AddEventBus(key, static bus => bus.Hears("stock"));
        services.AddEventBusTesting("orders");
        await using var provider = services.BuildServiceProvider();
        var orders = Bus(provider, "orders");
        Bus(provider, "dead").Faults.CrashAt(CrashPoint.BeforeHandler);
        await Bus(provider, "dead").PublishAsync(new OrderPlaced("1"));
        await Bus(provider, "dead").WhenCrashedAsync();
        Bus(provider, "gone").Subscriptions[0].Pause();
        await Bus(provider, "gone").PublishAsync(new OrderPlaced("2"));
        await provider.GetRequiredKeyedService<IEventBus>("gone").DisposeAsync();

        await orders.PublishAsync(new OrderPlaced("3"));
        await orders.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal([new OrderPlaced("3")], orders.History.HandledBy<OrderPlaced>("stock"));
    }

    private static TestBus Bus(IServiceProvider provider, string key) => provider.GetRequiredKeyedService<TestBus>(key);

    private static void Application(IServiceCollection services)
    {
        services.AddEventBus("orders", static bus => bus
            .UseEventLog(static _ => throw new InvalidOperationException("the file of production"))
            .AddHandler<OrderPlaced, SendReceipt>(static s => s.Named("receipts").Durable()));
        services.AddEventBus("billing", static bus => bus
            .UseEventLog(static _ => throw new InvalidOperationException("the other file of production"))
            .Handle<ReceiptSent>(static (_, _, _) => default, static s => s.Named("parcels").Durable()));
    }

    private static ValueTask HitAsync(Ball ball, string to, EventContext context, CancellationToken cancellationToken) => ball.Left == 0
        ? default
        : context.Services.GetRequiredKeyedService<IEventPublisher>(to).PublishAsync(new Ball(ball.Left - 1), cancellationToken);

    private static async ValueTask LaterAsync(Ball ball, string to, EventContext context, CancellationToken cancellationToken) =>
        await context.Services.GetRequiredKeyedService<IEventPublisher>(to).ScheduleAsync(new Ball(ball.Left - 1), TimeSpan.FromMinutes(1), null, cancellationToken);

    private sealed record Ball(int Left);

    private sealed class SendReceipt([FromKeyedServices("billing")] IEventPublisher billing) : IEventHandler<OrderPlaced>
    {
        public ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken) =>
            billing.PublishAsync(new ReceiptSent(order.Number), cancellationToken);
    }
}
