using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>A subscription that was disposed while its handler runs: it gets nothing more, and is not forgotten before its handler has returned.</summary>
public sealed class EndingSubscriptionTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly HeldHandler _held = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_names_the_handler_that_still_runs_and_the_disposal_ends_all_the_same(bool isDurable)
    {
        await using var bus = Bus(isDurable);
        await bus.PublishAsync(1);
        await _held.Entered;
        var disposing = bus.Subscriptions[0].DisposeAsync().AsTask();

        var receipt = await bus.StopAsync(cancellationToken: new CancellationToken(canceled: true)).AsTask().Soon();
        _held.Open();
        await disposing.Soon();

        var left = Assert.Single(receipt.Subscriptions);
        Assert.Equal(("facts", 1, isDurable ? 1 : 0), (left.Name, left.Abandoned.Count, left.Kept));
        Assert.Equal(isDurable, receipt.IsComplete);
        Assert.Empty(bus.Subscriptions);
    }

    [Fact]
    public async Task A_bus_is_not_settled_while_its_handler_runs()
    {
        await using var bus = Bus(isDurable: false);
        await bus.PublishAsync(1);
        await _held.Entered;

        var disposing = bus.Subscriptions[0].DisposeAsync().AsTask();
        var settled = bus.WhenSettled();
        Assert.False(settled.IsCompleted);
        _held.Open();
        await disposing.Soon();
        await settled.Soon();
    }

    [Fact]
    public async Task Its_state_cannot_be_deleted_before_it_has_ended()
    {
        await using var bus = Bus(isDurable: true);
        await bus.PublishAsync(1);
        await _held.Entered;
        var disposing = bus.Subscriptions[0].DisposeAsync().AsTask();

        await Assert.ThrowsAsync<ArgumentException>(async () => await bus.EventLog.DeleteSubscriptionAsync("facts"));
        _held.Open();
        await disposing.Soon();
        Assert.True(await bus.EventLog.DeleteSubscriptionAsync("facts"));
        await bus.StopAsync().AsTask().Soon();

        Assert.Empty(_log.ReadSubscriptions());
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(bool isDurable) => new EventBusBuilder()
        .UseEventLog(_log)
        .UseTimeProvider(_clock)
        .Handle<int>(
            (_, _, _) => _held.HoldAsync(),
            s =>
            {
                s.Named("facts");
                if (isDurable)
                    s.Durable();
            })
        .Build();
}
