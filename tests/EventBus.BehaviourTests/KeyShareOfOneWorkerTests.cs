using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class KeyShareOfOneWorkerTests
{
    [Fact]
    public async Task A_burst_behind_a_failing_key_takes_no_more_than_its_share_of_a_queue_with_one_worker()
    {
        var failing = new PublishOptions { Key = "failing" };
        var gate = new TaskCompletionSource();
        var holding = new TaskCompletionSource();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(new FakeTimeProvider())
            .Handle<int>(
                async (number, _, _) =>
                {
                    if (number == 0)
                        throw new InvalidOperationException();
                    if (number != 1)
                        return;
                    holding.SetResult();
                    await gate.Task;
                },
                s => s.Capacity(6).MaxPerKey(2).WhenFull(QueueFullMode.Reject).Retry(RetryPolicy.Fixed(2, TimeSpan.FromHours(1))))
            .Build();
        await bus.PublishAsync(0, failing);
        await bus.WhenQuiet();
        await bus.PublishAsync(1);
        await holding.Task.Soon();

        var accepted = 0;
        for (var number = 2; number < 8; number++)
        {
            try
            {
                await bus.PublishAsync(number, failing);
                accepted++;
            }
            catch (QueueFullException)
            {
                // Past its share.
            }
        }

        await bus.PublishAsync(8);

        Assert.Equal(2, accepted);
        gate.SetResult();
        await bus.WhenQuiet();
    }
}
