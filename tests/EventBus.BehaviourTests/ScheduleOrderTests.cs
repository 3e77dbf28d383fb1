using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Scheduled events come in order of their due times, and of scheduling where these are the same: in memory and in the log.</summary>
public abstract class ScheduleOrderTests(DeliveryMode mode)
{
    private const int Count = 200;

    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];

    [Fact]
    public async Task Events_that_are_due_together_come_in_order_of_scheduling()
    {
        await using var bus = Build();
        var due = _clock.GetUtcNow() + s_hour;
        for (var number = 0; number < Count; number++)
        {
            await bus.ScheduleAsync(new Fact(number), due);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, Count), _handled);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_was_due_while_the_bus_was_stopped_comes_first_and_in_order_of_due_time(int seed)
    {
        var order = Enumerable.Range(0, Count).ToArray();
        new Random(seed).Shuffle(order);
        await using var bus = Build();
        foreach (var number in order)
            await bus.ScheduleAsync(new Fact(number), s_hour + TimeSpan.FromSeconds(number));
        await bus.StopAsync();

        _clock.Advance(s_hour + TimeSpan.FromSeconds(Count / 2));
        await bus.StartAsync();
        await bus.ScheduleAsync(new Fact(Count), TimeSpan.Zero);
        await bus.WhenSettled();
        _clock.Advance(s_hour);
        await bus.WhenSettled();

        Assert.Equal([.. Enumerable.Range(0, (Count / 2) + 1), Count, .. Enumerable.Range((Count / 2) + 1, (Count / 2) - 1)], _handled);
    }

    [Fact]
    public async Task An_event_that_is_due_at_once_comes_after_those_that_were_due_before()
    {
        await using var bus = Build();
        await bus.ScheduleAsync(new Fact(1), s_hour);
        await bus.StopAsync();
        _clock.Advance(s_hour);
        await bus.StartAsync();

        await bus.ScheduleAsync(new Fact(2), _clock.GetUtcNow() - s_hour);
        await bus.ScheduleAsync(new Fact(3), TimeSpan.Zero);
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3], _handled);
    }

    [Fact]
    public async Task An_inline_handler_that_never_returns_keeps_no_other_event_from_being_published()
    {
        var held = new HeldHandler();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = seen.Task;
        await using var bus = new EventBusBuilder()
            .In(mode)
            .UseTimeProvider(_clock)
            .Handle<string>((_, _, _) => held.HoldAsync(), static s => s.Inline())
            .Handle<Fact>(
                (fact, _, _) =>
                {
                    _handled.Add(fact.Number);
                    if (fact.Number == 3)
                        seen.SetResult();
                    return default;
                },
                s => s.In(mode))
            .Build();
        await bus.ScheduleAsync("first", s_hour);
        await bus.ScheduleAsync(new Fact(2), s_hour);

        _clock.Advance(s_hour);
        await held.Entered;
        await bus.ScheduleAsync(new Fact(3), TimeSpan.Zero);
        await second.Soon();
        held.Open();
        await bus.WhenSettled();

        Assert.Equal([2, 3], _handled);
    }

    [Fact]
    public async Task A_handler_cannot_schedule_its_own_event_again_under_its_own_id()
    {
        Exception? refusal = null;
        await using var bus = Build(async (_, context, token) =>
        {
            await context.Publisher.ScheduleAsync("another type", s_hour, new PublishOptions { Id = context.Id, Source = context.Source }, token);
            await context.Publisher.ScheduleAsync(new Fact(2), s_hour, new PublishOptions { Id = context.Id, Source = "elsewhere" }, token);
            refusal = await Record.ExceptionAsync(async () => await context.Publisher.ScheduleAsync(new Fact(3), s_hour, new PublishOptions { Id = context.Id, Source = context.Source }, token));
        });

        await bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a\nb", Source = "till" });
        await bus.WhenSettled();

        Assert.Equal(
            "Event 'EventBus.BehaviourTests.ScheduleOrderTests+Fact' with the id 'a\\u000Ab' is being handled, and is scheduled again under its own id: it would be taken for published, and nobody would get it. "
            + "Leave PublishOptions.Id out, or give the next one an id of its own, for example 'a\\u000Ab/2'.",
            Assert.IsType<ArgumentException>(refusal).Message);
    }

    private IEventBus Build(Func<Fact, EventContext, CancellationToken, ValueTask>? handler = null) => new EventBusBuilder()
        .In(mode)
        .UseTimeProvider(_clock)
        .Handle<Fact>(handler ?? ((fact, _, _) => Add(fact)), s => s.In(mode))
        .Build();

    private ValueTask Add(Fact fact)
    {
        _handled.Add(fact.Number);
        return default;
    }

    internal sealed record Fact(int Number);

    public sealed class Queued() : ScheduleOrderTests(DeliveryMode.Queued);

    public sealed class Durable() : ScheduleOrderTests(DeliveryMode.Durable);
}
