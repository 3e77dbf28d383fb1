using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>One of ten subscriptions does not get on. The others have every event before it goes on.</summary>
public abstract class SlowSubscriptionTests(DeliveryMode mode)
{
    private const int Events = 100;

    [Fact]
    public Task One_with_room_delays_neither_the_other_nine_nor_its_publisher() => NineGoOnBesideOneOf(capacity: Events);

    private async Task NineGoOnBesideOneOf(int capacity)
    {
        var slow = new HeldHandler();
        var handledByNine = 0;
        var nine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var builder = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(new FakeTimeProvider())
            .Handle<int>((_, _, _) => slow.HoldAsync(), s => s.In(mode, "slow").Capacity(capacity));
        for (var i = 0; i < 9; i++)
        {
            builder.Handle<int>(
                (_, _, _) =>
                {
                    if (Interlocked.Increment(ref handledByNine) == 9 * Events)
                        nine.SetResult();
                    return default;
                },
                s => s.In(mode, $"quick-{i}"));
        }

        await using var bus = builder.Build();

        for (var number = 0; number < Events; number++)
            await bus.PublishAsync(number).AsTask().Soon();
        await nine.Task.Soon();

        Assert.Equal(0, bus.Subscriptions[0].Statistics.Handled);
        slow.Open();
        await bus.WhenSettled();
        Assert.Equal(Events, bus.Subscriptions[0].Statistics.Handled);
    }

    // A full queue that rejects, or makes its publishers wait: FullQueueTests.
    public sealed class Queued() : SlowSubscriptionTests(DeliveryMode.Queued);

    public sealed class Durable() : SlowSubscriptionTests(DeliveryMode.Durable)
    {
        // Nobody waits for room in it: the log keeps what it has no room for.
        [Fact]
        public Task One_without_room_delays_neither_the_other_nine_nor_its_publisher() => NineGoOnBesideOneOf(capacity: 1);
    }
}
