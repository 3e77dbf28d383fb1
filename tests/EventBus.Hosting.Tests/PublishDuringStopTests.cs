using EventBus.Hosting.Tests.Support;
using EventBus.Storage;

namespace EventBus.Hosting.Tests;

/// <summary>Publishers that nobody stops, while the host does.</summary>
public sealed class PublishDuringStopTests
{
    private const int Publishers = 4;

    private long _handled;

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task A_publish_during_the_stop_is_settled_or_told_that_the_bus_stops(DeliveryMode mode)
    {
        await using var host = await TestHost.StartAsync(bus => Handle(bus, mode));
        var publishing = Start(host.Bus);
        await HandledSomeAsync();

        await host.StopAsync().Soon();
        var accepted = (await Task.WhenAll(publishing).Soon()).Sum();

        // A stop that was asked for again has the same receipt. What a durable subscription lags behind is in the log.
        var receipt = Assert.Single((await host.Bus.StopAsync()).Subscriptions);
        Assert.Equal(accepted, receipt.Statistics.Accepted + receipt.Statistics.Lag);
        Assert.Equal(Interlocked.Read(ref _handled), receipt.Statistics.Handled);
        Assert.Equal(receipt.Statistics.Accepted, receipt.Statistics.Settled + receipt.Kept);
        if (mode == DeliveryMode.Queued)
            Assert.Equal(accepted, receipt.Statistics.Handled);
    }

    [Fact]
    public async Task A_host_that_is_disposed_while_others_publish_settles_what_was_accepted()
    {
        var host = await TestHost.StartAsync(bus => Handle(bus, DeliveryMode.Queued));
        var bus = host.Bus;
        var publishing = Start(bus);
        await HandledSomeAsync();

        await host.DisposeAsync().AsTask().Soon();
        var accepted = (await Task.WhenAll(publishing).Soon()).Sum();

        Assert.Equal(EventBusState.Disposed, bus.State);
        Assert.Equal(accepted, bus.Subscriptions[0].Statistics.Accepted);
        Assert.Equal(accepted, Interlocked.Read(ref _handled));
    }

    [Fact]
    public async Task A_host_that_is_started_after_another_was_stopped_goes_on_where_that_was()
    {
        var log = new InMemoryEventLog();
        List<int> handled = [];
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var life = 0; life < 3; life++)
        {
            var isLast = life == 2;
            await using var host = await TestHost.StartAsync(bus => bus.UseEventLog(log).Handle<int>(
                (number, _, _) =>
                {
                    handled.Add(number);
                    if (number == 3)
                        all.SetResult();
                    return default;
                },
                s => (isLast ? s : s.StartPaused()).Named("stock").Durable()));
            if (!isLast)
            {
                await host.Bus.PublishAsync((life * 2) + 0);
                await host.Bus.PublishAsync((life * 2) + 1);
            }
            else
            {
                await all.Task.Soon();
            }

            await host.StopAsync().Soon();
        }

        Assert.Equal([0, 1, 2, 3], handled);
    }

    private void Handle(EventBusBuilder bus, DeliveryMode mode)
    {
        bus.UseEventLog(new InMemoryEventLog()).Handle<int>(
            async (_, _, _) =>
            {
                await Task.Yield();
                Interlocked.Increment(ref _handled);
            },
            s =>
            {
                s.Named("stock").Concurrency(2);
                if (mode == DeliveryMode.Durable)
                    s.Durable();
            });
    }

    private static Task<long>[] Start(IEventBus bus) => [.. Enumerable.Range(0, Publishers).Select(_ => Task.Run(() => PublishUntilRefusedAsync(bus)))];

    private static async Task<long> PublishUntilRefusedAsync(IEventBus bus)
    {
        for (var accepted = 0L; ; accepted++)
        {
            try
            {
                await bus.PublishAsync(1);
            }
            catch (EventBusStoppedException)
            {
                return accepted;
            }
        }
    }

    private Task HandledSomeAsync() => Signals.UntilAsync(() => Interlocked.Read(ref _handled) >= 100);
}
