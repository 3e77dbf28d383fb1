using EventBus.Storage;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;

namespace EventBus.Testing.Tests.Guide;

#pragma warning disable CA1822, CA2012, xUnit1051 // As a reader would write it.

/// <summary>The code of docs/testing-your-handlers.md, word for word: a test of the documents compares the two.</summary>
public sealed class TestingYourHandlers
{
    public record OrderPlaced(string Number, decimal Total);

    public record ReceiptSent(string Number);

    public class SendReceipt(IMailer mailer, IEventPublisher publisher) : IEventHandler<OrderPlaced>
    {
        public async ValueTask HandleAsync(OrderPlaced order, EventContext context, CancellationToken cancellationToken)
        {
            await mailer.SendAsync($"Thank you for {order.Total}.", cancellationToken);
            await publisher.PublishAsync(new ReceiptSent(order.Number), cancellationToken);
        }
    }

    public interface IMailer
    {
        Task SendAsync(string text, CancellationToken cancellationToken);
    }

    [Fact]
    public async Task An_order_is_heard_of()
    {
        await using var bus = TestBus.Create(bus => bus.Handle<OrderPlaced>((order, context, cancellationToken) => default));
        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.WhenIdleAsync();
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Handled);
    }

    [Fact]
    public async Task An_order_gets_a_receipt()
    {
        await using var provider = Shop();
        var bus = provider.GetRequiredService<TestBus>();

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        var receipt = await bus.ExpectAsync<ReceiptSent>(receipt => receipt.Number == "1");

        Assert.Equal(new ReceiptSent("1"), receipt);
    }

    // What Program.cs does.
    private static IServiceCollection Application() => new ServiceCollection()
        .AddSingleton(Substitute.For<IMailer>())
        .AddEventBus(bus => bus.AddHandler<OrderPlaced, SendReceipt>(s => s
            .Named("receipts").Durable().Retry(RetryPolicy.Fixed(maxAttempts: 3, delay: TimeSpan.FromMinutes(1)))));

    private static ServiceProvider Shop(Action<TestBusBuilder>? test = null) => Application().AddEventBusTesting(test).BuildServiceProvider();

    [Fact]
    public async Task A_bus_with_a_key_is_tested_by_its_key()
    {
        await using var provider = new ServiceCollection()
            .AddEventBus("orders", bus => bus.Handle<OrderPlaced>((order, context, cancellationToken) =>
                context.Services.GetRequiredKeyedService<IEventPublisher>("mail").PublishAsync(new ReceiptSent(order.Number), cancellationToken)))
            .AddEventBus("mail", bus => bus.Handle<ReceiptSent>((receipt, context, cancellationToken) => default, s => s.Named("archive")))
            .AddEventBusTesting("mail", test => test.DeliverTwice())
            .BuildServiceProvider();
        var orders = provider.GetRequiredKeyedService<TestBus>("orders");
        var mail = provider.GetRequiredKeyedService<TestBus>("mail");

        await orders.PublishAsync(new OrderPlaced("1", 10m));
        await orders.WhenIdleAsync();

        Assert.Equal([new ReceiptSent("1")], mail.History.HandledBy<ReceiptSent>("archive"));
    }

    [Fact]
    public async Task A_mail_server_that_is_away_for_two_minutes_loses_no_receipt()
    {
        await using var provider = Shop();
        var bus = provider.GetRequiredService<TestBus>();
        bus.Faults.FailAttempts("receipts", delivery => delivery.Attempt < 3 ? new TimeoutException("no mail server") : null);

        var order = await bus.StimulateAsync(new OrderPlaced("1", 10m));
        await bus.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(DeliveryState.Retrying, order.To("receipts").State);

        await bus.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal([new ReceiptSent("1")], order.Caused<ReceiptSent>());
    }

    [Fact]
    public async Task A_handler_that_waits_is_moved_on_by_the_clock()
    {
        var clock = new TestClock();
        await using var bus = TestBus.Create(
            bus => bus.Handle<OrderPlaced>(async (order, context, cancellationToken) => await Task.Delay(TimeSpan.FromHours(1), clock, cancellationToken), s => s.Named("slow").Timeout(TimeSpan.FromHours(2))),
            test => test.UseClock(clock));

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal([new OrderPlaced("1", 10m)], bus.History.HandledBy<OrderPlaced>("slow"));
    }

    [Fact]
    public async Task What_happened_is_known()
    {
        await using var provider = Shop();
        var bus = provider.GetRequiredService<TestBus>();
        bus.Faults.FailAttempt("receipts");

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal([new OrderPlaced("1", 10m)], bus.History.Published<OrderPlaced>());
        Assert.Equal([new OrderPlaced("1", 10m)], bus.History.HandledBy<OrderPlaced>("receipts"));
        Assert.Equal(["receipts"], bus.History.Retried().Select(delivery => delivery.Subscription));
        Assert.Empty(bus.History.DeadLettered());

        var receipt = bus.History.Of(new ReceiptSent("1"));
        Assert.Equal(new OrderPlaced("1", 10m), receipt.Cause?.Event);
    }

    [Fact]
    public async Task Two_flows_are_waited_for_apart()
    {
        await using var provider = Shop();
        var bus = provider.GetRequiredService<TestBus>();

        var first = await bus.StimulateAsync(new OrderPlaced("1", 10m));
        var second = await bus.StimulateAsync(new OrderPlaced("2", 20m));
        await bus.WhenIdleAsync(second);

        Assert.Equal([new ReceiptSent("2")], second.Caused<ReceiptSent>());
        await bus.WhenIdleAsync(first.Metadata.CorrelationId);
    }

    [Fact]
    public async Task A_handler_alone_sends_a_mail_and_says_so()
    {
        var mailer = Substitute.For<IMailer>();
        var publisher = new RecordingPublisher();
        var handler = new SendReceipt(mailer, publisher);

        await handler.HandleAsync(new OrderPlaced("1", 10m), EventContext.Create(), CancellationToken.None);

        await mailer.Received(1).SendAsync("Thank you for 10.", CancellationToken.None);
        Assert.Equal([new ReceiptSent("1")], publisher.Published<ReceiptSent>());
    }

    [Fact]
    public async Task Any_interface_can_be_substituted()
    {
        var publisher = Substitute.For<IEventPublisher>();
        var handler = new SendReceipt(Substitute.For<IMailer>(), publisher);

        await handler.HandleAsync(new OrderPlaced("1", 10m), EventContext.Create(), CancellationToken.None);

        await publisher.Received(1).PublishAsync(new ReceiptSent("1"), null, CancellationToken.None);
    }

    [Fact]
    public async Task A_receipt_is_sent_once_although_the_order_comes_twice()
    {
        var sent = new HashSet<string>();
        await using var bus = TestBus.Create(
            bus => bus.Handle<OrderPlaced>(async (order, context, cancellationToken) =>
            {
                if (sent.Add(order.Number))
                    await context.Publisher.PublishAsync(new ReceiptSent(order.Number), cancellationToken);
            }),
            test => test.DeliverTwice().RoundTrip());

        await bus.PublishAsync(new OrderPlaced("1", 10m));
        await bus.WhenIdleAsync();

        Assert.Equal([new ReceiptSent("1")], bus.History.Published<ReceiptSent>());
    }

    [Fact]
    public async Task A_log_that_is_full_for_a_moment_tells_the_publisher_and_goes_on()
    {
        await using var provider = Shop();
        var bus = provider.GetRequiredService<TestBus>();
        bus.Faults.FailStoreCall(call: nameof(ILogTransaction.Append));

        await Assert.ThrowsAsync<EventLogException>(async () => await bus.PublishAsync(new OrderPlaced("1", 10m)));
        await bus.PublishAsync(new OrderPlaced("1", 10m));

        await bus.ExpectAsync<ReceiptSent>();
    }

    [Fact]
    public async Task A_crash_after_the_mail_sends_it_again()
    {
        var mails = 0;
        await using var bus = TestBus.Create(bus => bus.Handle<OrderPlaced>(
            (order, context, cancellationToken) =>
            {
                mails++;
                return default;
            },
            s => s.Named("receipts").Durable()));
        bus.Faults.CrashAt(CrashPoint.AfterHandler, subscription: "receipts");

        var order = await bus.StimulateAsync(new OrderPlaced("1", 10m));
        await bus.WhenCrashedAsync();
        await bus.RestartAsync();
        await bus.WhenIdleAsync();

        Assert.Equal(2, mails);
        Assert.Equal(DeliveryState.Handled, order.To("receipts").State);
    }

    [Fact]
    public async Task The_failure_that_the_page_shows_is_the_failure_that_comes()
    {
        await using var provider = Shop();
        var bus = provider.GetRequiredService<TestBus>();
        bus.Faults.FailAttempts("receipts", _ => new TimeoutException("no mail server"));
        await bus.PublishAsync(new OrderPlaced("1", 10m));

        var error = await Assert.ThrowsAsync<ExpectationFailedException>(() =>
            bus.ExpectAsync<ReceiptSent>(receipt => receipt.Number == "1", within: TimeSpan.FromHours(1)));

        Assert.Contains(error.Message.ReplaceLineEndings("\n"), await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "testing-your-handlers.md")), StringComparison.Ordinal);
    }
}
