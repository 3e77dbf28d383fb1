using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public abstract class StopTokenTests(DeliveryMode mode)
{
    [Fact]
    public async Task A_handler_that_honours_its_token_at_a_stop_begins_once_and_goes_on_after_a_start()
    {
        var clock = new FakeTimeProvider();
        var attempts = new List<int>();
        var running = new TaskCompletionSource();
        await using var bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(clock)
            .Handle<string>(
                async (_, context, token) =>
                {
                    attempts.Add(context.Attempt);
                    if (attempts.Count > 1)
                        return;
                    running.SetResult();
                    await new TaskCompletionSource().Task.WaitAsync(token);
                },
                s => s.In(mode))
            .Build();
        await bus.PublishAsync("fact");
        await running.Task.Soon();

        var stopping = bus.StopAsync(TimeSpan.FromSeconds(10)).AsTask();
        clock.Advance(TimeSpan.FromSeconds(9));
        var receipt = await stopping.Soon();

        Assert.Equal([1], attempts);
        Assert.Equal(1, Assert.Single(receipt.Subscriptions).Left(mode));

        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1, 1], attempts);
    }

    public sealed class Queued() : StopTokenTests(DeliveryMode.Queued);

    public sealed class Durable() : StopTokenTests(DeliveryMode.Durable);
}
