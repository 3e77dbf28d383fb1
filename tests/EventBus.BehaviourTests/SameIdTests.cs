using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>What an event is, is said by its type, its source and its id together: however it is published, and whoever recognises it.</summary>
public abstract class SameIdTests(DeliveryMode mode)
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<object> _handled = [];

    public interface IFact;

    [Fact]
    public async Task Two_types_may_have_events_of_one_id()
    {
        await using var bus = Build(static s => s);

        await bus.PublishAsync(new Placed(1), Options());
        await bus.PublishAsync(new Shipped(1), Options());
        await bus.WhenSettled();

        Assert.Equal([new Placed(1), new Shipped(1)], _handled);
    }

    [Fact]
    public async Task Two_types_and_two_sources_may_have_scheduled_events_of_one_id_and_each_is_cancelled_alone()
    {
        await using var bus = Build(static s => s);

        var placed = await bus.ScheduleAsync(new Placed(1), s_hour, Options());
        await bus.ScheduleAsync(new Shipped(1), s_hour, Options());
        await bus.ScheduleAsync(new Placed(2), s_hour, Options("till"));
        Assert.True(await bus.CancelScheduledAsync(placed));
        Assert.False(await bus.CancelScheduledAsync(placed));
        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Equal([new Shipped(1), new Placed(2)], _handled);
    }

    [Fact]
    public async Task An_idempotent_subscription_of_two_types_handles_both_events_of_one_id_and_each_once()
    {
        await using var bus = Build(static s => s.Idempotent());

        for (var round = 0; round < 2; round++)
        {
            await bus.PublishAsync(new Placed(1), Options());
            await bus.PublishAsync(new Shipped(1), Options());
            await bus.PublishAsync(new Placed(2), Options("till"));
        }

        await bus.WhenSettled();

        Assert.Equal([new Placed(1), new Shipped(1), new Placed(2)], _handled);
    }

    [Fact]
    public async Task An_idempotent_subscription_with_a_key_of_its_own_goes_by_that_alone()
    {
        await using var bus = Build(static s => s.Idempotent(static fact => fact.ToString()!.Contains('1') ? "one" : null));

        await bus.PublishAsync(new Placed(1), Options());
        await bus.PublishAsync(new Shipped(1), Options());
        await bus.PublishAsync(new Placed(2), Options("till"));
        await bus.WhenSettled();

        Assert.Equal([new Placed(1), new Placed(2)], _handled);
    }

    [Fact]
    public async Task What_is_scheduled_again_under_its_id_comes_back_as_it_was_scheduled_first()
    {
        await using var bus = Build(static s => s);
        var first = await bus.ScheduleAsync(new Placed(1), s_hour, Options("till"));
        _clock.Advance(TimeSpan.FromMinutes(1));

        var again = await bus.ScheduleAsync(new Placed(1), s_hour, Options("till"));
        var other = await bus.ScheduleAsync(new Placed(2), first.DueTime + s_hour, Options("till"));

        Assert.Equal(first, again);
        Assert.Equal(first, other);
        Assert.Equal(("placed", "till", "a"), (first.Type, first.Source, first.Id));
        _clock.Advance(4 * s_hour);
        await bus.WhenSettled();
        Assert.Equal([new Placed(1)], _handled);
    }

    [Fact]
    public async Task A_handler_that_schedules_under_an_id_and_then_fails_succeeds_with_its_retry()
    {
        var attempts = 0;
        await using var bus = Builder()
            .Handle<Shipped>(
                async (_, context, token) =>
                {
                    attempts++;
                    await context.Publisher.ScheduleAsync(new Placed(1), s_hour, Options(), token);
                    if (attempts < 3)
                        throw new InvalidOperationException();
                },
                s => s.In(mode, "shipping").Retry(RetryPolicy.Immediate(3)))
            .Build();

        await bus.PublishAsync(new Shipped(1));
        await bus.WhenSettled();

        Assert.Equal(3, attempts);
        Assert.Empty(await bus.DeadLetters.ListAsync());
        _clock.Advance(s_hour);
        await bus.WhenSettled();
        Assert.Single(_handled.OfType<Placed>());
    }

    private static PublishOptions Options(string? source = null) => new() { Id = "a", Source = source };

    private IEventBus Build(Func<SubscriptionBuilder<IFact>, SubscriptionBuilder<IFact>> configure) => Builder(configure).Build();

    private EventBusBuilder Builder(Func<SubscriptionBuilder<IFact>, SubscriptionBuilder<IFact>>? configure = null) => new EventBusBuilder()
        .In(mode)
        .UseTimeProvider(_clock)
        .AddEvent<Placed>()
        .AddEvent<Shipped>()
        .Handle<IFact>((fact, _, _) => Add(fact), s => (configure ?? (static s => s))(s.In(mode)));

    private ValueTask Add(IFact fact)
    {
        _handled.Add(fact);
        return default;
    }

    [EventType("placed")]
    internal sealed record Placed(int Number) : IFact;

    [EventType("shipped")]
    internal sealed record Shipped(int Number) : IFact;

    public sealed class Queued() : SameIdTests(DeliveryMode.Queued);

    public sealed class Durable() : SameIdTests(DeliveryMode.Durable);
}
