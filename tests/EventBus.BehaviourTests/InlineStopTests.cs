using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Inline deliveries are their publishers': a stop does not wait for them.</summary>
public sealed class InlineStopTests
{
    [Fact]
    public async Task A_stop_does_not_wait_for_an_inline_handler()
    {
        var gate = new TaskCompletionSource();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(new FakeTimeProvider())
            .Handle<string>(async (_, _, _) => await gate.Task, s => s.Inline())
            .Build();
        var publishing = bus.PublishAsync("fact").AsTask();

        var receipt = await bus.StopAsync().AsTask().Soon();
        gate.SetResult();
        await publishing.Soon();

        Assert.True(receipt.IsComplete);
        Assert.Equal(TimeSpan.Zero, receipt.Elapsed);
    }

    [Fact]
    public async Task An_inline_handler_may_stop_the_bus_and_wait_for_it()
    {
        IEventBus bus = null!;
        StopReceipt? receipt = null;
        await using var built = bus = new EventBusBuilder()
            .UseTimeProvider(new FakeTimeProvider())
            .Handle<string>(async (_, _, _) => receipt = await bus.StopAsync(cancellationToken: CancellationToken.None), s => s.Inline())
            .Build();

        await bus.PublishAsync("fact").AsTask().Soon();

        Assert.True(receipt!.IsComplete);
    }
}
