using EventBus.Routing;

namespace EventBus.UnitTests.Routing;

public sealed class StuckReportTests
{
    [Fact]
    public async Task A_handler_that_returns_while_it_is_found_stuck_is_not_reported()
    {
        await using var bus = new EventBusBuilder().Handle<string>(static (_, _, _) => default).Build();
        var subscription = (QueuedSubscription<string>)bus.Subscriptions[0];

        // As the watch has seen it running, and its worker has gone to rest since.
        subscription.OnStuck(subscription.Workers[0].Seat, running: 1, TimeSpan.FromMinutes(1));

        Assert.Equal(0, subscription.Statistics.Stuck);
    }
}
