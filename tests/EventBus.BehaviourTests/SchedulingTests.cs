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

    private Task<string> NextAsync() => _handled.Reader.ReadAsync().AsTask().Soon();

    private IEventBus Build() => new EventBusBuilder()
        .UseTimeProvider(_clock)
        .Handle<string>((@event, context, _) => _handled.Writer.WriteAsync($"{@event} {context.Id}", CancellationToken.None))
        .Build();
}
