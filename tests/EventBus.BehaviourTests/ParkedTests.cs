using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public abstract class ParkedTests(DeliveryMode mode)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task What_waits_for_its_next_attempt_is_parked_and_so_is_what_waits_behind_it()
    {
        var fails = true;
        await using var bus = new EventBusBuilder().In(mode).UseTimeProvider(_clock)
            .Handle<Fact>((fact, _, _) => fails && fact.Key == "a" ? throw new InvalidOperationException() : default, s => s.In(mode).OrderedBy(static fact => fact.Key).Concurrency(2).Retry(RetryPolicy.Fixed(3, s_minute)))
            .Build();

        foreach (var key in (string[])["a", "a", "b"])
            await bus.PublishAsync(new Fact(key));
        await bus.WhenQuiet();
        var parked = Assert.Single(bus.Subscriptions).Statistics;
        fails = false;
        _clock.Advance(s_minute);
        await bus.WhenSettled();
        var settled = Assert.Single(bus.Subscriptions).Statistics;

        Assert.Equal((2, 2, 1), (parked.Parked, parked.Waiting, parked.Handled));
        Assert.Equal((0, 0, 3), (settled.Parked, settled.Waiting, settled.Handled));
    }

    public sealed class Queued() : ParkedTests(DeliveryMode.Queued);

    public sealed class Durable() : ParkedTests(DeliveryMode.Durable);

    private sealed record Fact(string Key);
}
