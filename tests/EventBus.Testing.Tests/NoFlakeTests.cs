using System.Globalization;
using EventBus.Testing.Tests.Support;

namespace EventBus.Testing.Tests;

/// <summary>Attacks the harness itself: a scenario in which everything happens at once, again and again, whose every run must come to the very same end.</summary>
/// <remarks>EVENTBUS_TESTING_RUNS says how often; the long form is 10,000.</remarks>
public sealed class NoFlakeTests
{
    private const int Orders = 12;

    private static readonly int s_runs = int.Parse(Environment.GetEnvironmentVariable("EVENTBUS_TESTING_RUNS") ?? "300", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_concurrent_scenario_comes_to_the_same_end_every_time()
    {
        for (var run = 0; run < s_runs; run++)
            await RunAsync(run);
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_it_loses_nothing_durable_every_time()
    {
        for (var run = 0; run < s_runs / 10; run++)
            await CrashAsync(1 + (run % Orders));
    }

    private static async Task RunAsync(int run)
    {
        TestClock? clock = null;
        await using var bus = TestBus.Create(bus => bus
            .SendsReceipts(static s => s.Concurrency(3).Retry(Shop.EverySecond()))
            .SendsParcels(static s => s.Durable().Concurrency(2).OrderedBy(static receipt => receipt.Number))
            .Hears("slow", (_, cancellationToken) => new(Task.Delay(TimeSpan.FromSeconds(1), clock!, cancellationToken)), static s => s.Concurrency(4))
            .Hears("inline", static s => s.Inline())
            .Handle<ParcelSent>(static async (parcel, context, _) => await context.Publisher.ScheduleAsync(parcel.Number, TimeSpan.FromMinutes(1), cancellationToken: CancellationToken.None), static s => s.Named("asks"))
            .Handle<string>(static (_, _, _) => default, static s => s.Named("asked")));
        clock = bus.Clock;
        bus.Faults.FailAttempts("receipts", static delivery => delivery.Attempt == 1 && delivery.Subject == "odd" ? new InjectedFaultException() : null);

        await Task.WhenAll(Enumerable.Range(0, Orders).Select(number =>
            Task.Run(async () => await bus.PublishAsync(new OrderPlaced($"{number}"), new() { CorrelationId = $"{number % 3}", Subject = number % 2 == 0 ? "even" : "odd" }))));
        var waiting = Enumerable.Range(0, 3).Select(number => bus.WhenIdleAsync($"{number}")).ToArray();
        await bus.AdvanceAsync(TimeSpan.FromSeconds(3));
        await Task.WhenAll(waiting);
        var early = bus.History.Published<string>().Count;
        await bus.AdvanceAsync(TimeSpan.FromSeconds(60));

        var orders = bus.History.Events.Where(static recorded => recorded.Event is OrderPlaced).ToList();
        var because = $"in run {run}:{Environment.NewLine}{bus.History}";
        Assert.True(early == 0, because);
        Assert.True(orders.Count == Orders && orders.TrueForAll(static order => order.Deliveries.Count == 3), because);
        Assert.True(orders.TrueForAll(static order => order.Deliveries.All(static delivery => delivery.State == DeliveryState.Handled)), because);
        Assert.True(orders.TrueForAll(static order => order.To("receipts").Attempts.Count == (order.Metadata.Subject == "odd" ? 2 : 1)), because);
        Assert.True(bus.History.Events.Where(static recorded => recorded.Event is ReceiptSent).All(static recorded => recorded.Deliveries.Count == 1), because);
        Assert.True(bus.History.HandledBy<ReceiptSent>("parcels").Count == Orders && bus.History.HandledBy<string>("asked").Count == Orders, because);
        // Four at a time, a second each.
        Assert.True(orders.Select(order => Seconds(order, bus)).Order().SequenceEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]), because);
    }

    private static double Seconds(RecordedEvent order, TestBus bus) =>
        (order.To("slow").Attempts[0].Time - bus.Clock.GetUtcNow() + bus.Clock.Elapsed).TotalSeconds;

    private static async Task CrashAsync(int passing)
    {
        await using var bus = TestBus.Create(static bus => bus.Hears("stock", static s => s.Durable().Concurrency(3).OrderedBy(static order => order.Number)).Hears("mail", static s => s.Durable()));
        bus.Faults.CrashAt(CrashPoint.AfterHandler, passing, "stock");

        var acknowledged = 0;
        await Task.WhenAll(Enumerable.Range(0, Orders).Select(number => Task.Run(async () =>
        {
            try
            {
                await bus.PublishAsync(new OrderPlaced($"{number}"));
                Interlocked.Increment(ref acknowledged);
            }
            catch (PublishException)
            {
                // It died before.
            }
        })));
        if (acknowledged == Orders)
            await bus.WhenCrashedAsync();
        await bus.RestartAsync();
        await bus.AdvanceAsync(TimeSpan.FromMinutes(1));

        var stock = bus.History.HandledBy<OrderPlaced>("stock").Distinct().Count();
        var mail = bus.History.HandledBy<OrderPlaced>("mail").Distinct().Count();
        Assert.True(stock >= acknowledged && mail >= acknowledged && stock == mail, $"{acknowledged} acknowledged, {stock} and {mail} handled:{Environment.NewLine}{bus.History}");
    }
}
