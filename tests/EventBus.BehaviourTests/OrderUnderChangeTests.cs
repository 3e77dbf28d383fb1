using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>On the system's clock: only there do handlers count as quick, and one worker goes on alone.</summary>
public sealed class OrderUnderChangeTests
{
    private const int Keys = 50;
    private const int Publishers = 4;
    private const int EventsEach = 25_000;

    private readonly int[] _last = new int[Keys * Publishers];
    private readonly int[] _running = new int[Keys * Publishers];
    private int _handled;
    private int _violations;

    [Fact]
    public async Task Order_holds_while_workers_join_and_leave_deliveries_are_parked_and_the_subscription_is_paused()
    {
        await using var bus = new EventBusBuilder()
            .Handle<Fact>(HandleAsync, static s => s.Named("s").OrderedBy(static fact => fact.Key).Concurrency(4).Retry(RetryPolicy.Immediate(3)))
            .Build();
        var subscription = bus.Subscriptions[0];

        var publishing = Enumerable.Range(0, Publishers).Select(publisher => Task.Run(async () =>
        {
            var facts = bus.For<Fact>();
            for (var number = 0; number < EventsEach; number++)
            {
                await facts.PublishAsync(new((publisher * Keys) + (number % Keys), (number / Keys) + 1));
                if (number % 5_000 != publisher)
                    continue;
                subscription.Pause();
                subscription.Resume();
            }
        })).ToArray();
        await Task.WhenAll(publishing).Soon();
        await bus.WhenSettled();

        Assert.Equal(0, _violations);
        Assert.Equal(Publishers * EventsEach, _handled);
        Assert.Equal(Publishers * EventsEach, subscription.Statistics.Handled);
    }

    private async ValueTask HandleAsync(Fact fact, EventContext context, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _running[fact.Key]) != 1)
            Interlocked.Increment(ref _violations);
        try
        {
            if (fact.Key == 0 && fact.Number % 100 == 0)
                await Task.Yield();
            if (fact.Key == 1 && fact.Number % 100 == 0 && context.Attempt == 1)
                throw new InvalidOperationException();
            if (_last[fact.Key] != fact.Number - 1)
                Interlocked.Increment(ref _violations);
            _last[fact.Key] = fact.Number;
            Interlocked.Increment(ref _handled);
        }
        finally
        {
            Interlocked.Decrement(ref _running[fact.Key]);
        }
    }

    private sealed record Fact(int Key, int Number);
}
