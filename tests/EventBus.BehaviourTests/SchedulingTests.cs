using System.Threading.Channels;
using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class SchedulingTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<string> _handled = Channel.CreateUnbounded<string>();

    [Fact]
    public async Task Event_scheduled_by_delay_or_by_time_is_published_when_it_is_due_under_the_id_known_in_advance()
    {
        await using var bus = Build();

        var delayed = await bus.ScheduleAsync("delayed", TimeSpan.FromMinutes(1));
        var timed = await bus.ScheduleAsync("timed", _clock.GetUtcNow().AddMinutes(2));
        _clock.Advance(TimeSpan.FromSeconds(59));
        await bus.WhenQuiet();
        Assert.Equal(0, _handled.Reader.Count);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal($"delayed {delayed.Id}", await NextAsync());

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal($"timed {timed.Id}", await NextAsync());
    }

    [Fact]
    public async Task A_due_event_counts_as_work_from_the_moment_it_is_due()
    {
        await using var bus = Build();
        await bus.ScheduleAsync("fact", TimeSpan.FromMinutes(1));

        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Equal(1, _handled.Reader.Count);
    }

    [Fact]
    public async Task Cancelled_event_is_never_published_and_cancelling_it_twice_says_false()
    {
        await using var bus = Build();
        var scheduled = await bus.ScheduleAsync("fact", TimeSpan.FromMinutes(1));
        await bus.ScheduleAsync("later", TimeSpan.FromMinutes(2));

        var first = await bus.CancelScheduledAsync(scheduled);
        var second = await bus.CancelScheduledAsync(scheduled);
        _clock.Advance(TimeSpan.FromMinutes(2));

        Assert.True(first);
        Assert.False(second);
        Assert.StartsWith("later ", await NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_that_is_past_due_is_published_at_once()
    {
        await using var bus = Build();

        var scheduled = await bus.ScheduleAsync("fact", _clock.GetUtcNow().AddMinutes(-1));

        Assert.Equal($"fact {scheduled.Id}", await NextAsync());
    }

    [Fact]
    public async Task Id_that_is_already_scheduled_stays_as_it_is()
    {
        await using var bus = Build();
        var options = new PublishOptions { Id = "once" };
        var first = await bus.ScheduleAsync("fact", TimeSpan.FromMinutes(1), options);

        var again = await bus.ScheduleAsync("again", TimeSpan.FromMinutes(2), options);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(first, again);

        Assert.Equal("fact once", await NextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_that_one_subscription_has_no_room_for_is_offered_to_that_one_again_and_to_no_other(bool keyFails)
    {
        var full = new List<string>();
        var keys = 0;
        var inline = 0;
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<string>((@event, context, _) => _handled.Writer.WriteAsync($"{@event} {context.Id}", CancellationToken.None))
            .Handle<string>(
                (@event, context, _) =>
                {
                    full.Add($"{@event} {context.Id} {context.Time:HH:mm:ss}");
                    return default;
                },
                s =>
                {
                    s.Named("full").StartPaused().Capacity(1).WhenFull(QueueFullMode.Reject);
                    if (keyFails)
                        s.OrderedBy(@event => @event == "due" && Interlocked.Increment(ref keys) < 3 ? throw new InvalidOperationException() : @event).Capacity(4);
                })
            .Handle<string>(
                (_, _, _) =>
                {
                    inline++;
                    return default;
                },
                static s => s.Inline())
            .Build();
        await bus.PublishAsync("fills");
        var due = _clock.GetUtcNow().AddMinutes(1);

        var scheduled = await bus.ScheduleAsync("due", due);
        _clock.Advance(TimeSpan.FromMinutes(1));
        for (var second = 0; second < 5; second++)
        {
            await bus.WhenQuiet();
            Assert.False(await bus.CancelScheduledAsync(scheduled));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        await bus.WhenQuiet();
        bus.Subscriptions.Single(static subscription => subscription.Name == "full").Resume();
        await bus.WhenQuiet();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();

        Assert.Equal((2, 2), (_handled.Reader.Count, inline));
        Assert.Equal($"due {scheduled.Id} {due:HH:mm:ss}", Assert.Single(full, static line => line.StartsWith("due", StringComparison.Ordinal)));
    }

    private Task<string> NextAsync() => _handled.Reader.ReadAsync().AsTask().Soon();

    private IEventBus Build() => new EventBusBuilder()
        .UseTimeProvider(_clock)
        .Handle<string>((@event, context, _) => _handled.Writer.WriteAsync($"{@event} {context.Id}", CancellationToken.None))
        .Build();
}
