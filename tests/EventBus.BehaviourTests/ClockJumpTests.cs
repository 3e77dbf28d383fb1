using System.Threading.Channels;
using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests;

/// <summary>Somebody sets the clock: back by an hour, or on by a day. What waits is neither stalled nor rushed, and nothing comes twice.</summary>
public sealed class ClockJumpTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly JumpingClock _clock = new();
    private readonly List<string> _handled = [];

    public static TheoryData<int> HoursSet => [-1, 24];

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task A_retry_comes_after_its_delay_and_within_the_policys_time(int hours)
    {
        var attempts = new List<int>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<string>(
                (_, context, _) =>
                {
                    attempts.Add(context.Attempt);
                    return context.Attempt < 3 ? throw new InvalidOperationException() : default;
                },
                static s => s.Retry(RetryPolicy.Fixed(3, TimeSpan.FromMinutes(1)).Within(TimeSpan.FromMinutes(2))))
            .Build();
        await bus.PublishAsync("fact");
        await bus.WhenQuiet();

        _clock.Jump = TimeSpan.FromHours(hours);
        _clock.Advance(TimeSpan.FromSeconds(59));
        await bus.WhenQuiet();
        Assert.Equal([1], attempts);

        _clock.Advance(s_second);
        await bus.WhenQuiet();
        Assert.Equal([1, 2], attempts);

        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();
        Assert.Equal([1, 2, 3], attempts);
    }

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task A_scheduled_event_comes_after_the_time_that_was_left_when_it_was_scheduled(int hours)
    {
        var begun = _clock.GetTimestamp();
        var handled = Channel.CreateUnbounded<string>();
        await using var bus = Bus(static s => s.Inline(), fact => handled.Writer.TryWrite($"{fact}, {_clock.GetElapsedTime(begun).TotalSeconds} s"));
        await bus.ScheduleAsync("before both", TimeSpan.FromSeconds(59));
        await bus.ScheduleAsync("by delay", TimeSpan.FromSeconds(60));
        await bus.ScheduleAsync("by time", _clock.GetUtcNow().AddSeconds(120));

        _clock.Jump = TimeSpan.FromHours(hours);
        await bus.ScheduleAsync("by the new time", _clock.GetUtcNow().AddSeconds(119));
        foreach (var expected in new[] { "before both, 59 s", "by delay, 60 s", "by the new time, 119 s", "by time, 120 s" })
        {
            _clock.Advance(TimeSpan.FromSeconds(expected.EndsWith("9 s", StringComparison.Ordinal) ? 59 : 1));
            Assert.Equal(expected, await handled.Reader.ReadAsync().AsTask().Soon());
        }
    }

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task A_handled_event_is_remembered_for_its_window(int hours)
    {
        await using var bus = Bus(static s => s.Idempotent(TimeSpan.FromMinutes(10)));
        await PublishAsync(bus, "first");

        _clock.Jump = TimeSpan.FromHours(hours);
        await PublishAsync(bus, "at once");
        _clock.Advance(TimeSpan.FromMinutes(10) - s_second);
        await PublishAsync(bus, "within");
        _clock.Advance(s_second);
        await PublishAsync(bus, "afterwards");

        Assert.Equal(["first", "afterwards"], _handled);
    }

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task A_claim_that_another_holds_is_won_when_its_lease_has_run_out(int hours)
    {
        var store = new InMemoryIdempotencyStore(timeProvider: _clock);
        await store.ClaimAsync(new("stock", "1") { EventType = "System.String" }, TimeSpan.FromMinutes(1), default);
        await using var bus = Bus(static s => s.Named("stock").Idempotent(), store: store);
        await bus.PublishAsync("fact", new PublishOptions { Id = "1" });
        await bus.WhenQuiet();

        _clock.Jump = TimeSpan.FromHours(hours);
        _clock.Advance(TimeSpan.FromSeconds(59));
        await bus.WhenQuiet();
        Assert.Empty(_handled);

        _clock.Advance(s_second);
        await bus.WhenSettled();
        Assert.Equal(["fact"], _handled);
    }

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task An_event_lives_for_its_time_to_live(int hours)
    {
        await using var bus = Bus(static s => s.StartPaused());
        await bus.PublishAsync("short", new PublishOptions { TimeToLive = TimeSpan.FromMinutes(1) });
        await bus.PublishAsync("long", new PublishOptions { TimeToLive = TimeSpan.FromMinutes(1) + s_second });

        _clock.Jump = TimeSpan.FromHours(hours);
        _clock.Advance(TimeSpan.FromMinutes(1));
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        Assert.Equal(["long"], _handled);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Expired);
    }

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task A_stop_ends_within_its_limit(int hours)
    {
        var held = new HeldHandler();
        await using var bus = new EventBusBuilder().UseTimeProvider(_clock).Handle<string>((_, _, _) => held.HoldAsync()).Build();
        await bus.PublishAsync("fact");
        await held.Entered;

        var stopping = bus.StopAsync(TimeSpan.FromSeconds(10)).AsTask();
        _clock.Jump = TimeSpan.FromHours(hours);
        _clock.Advance(TimeSpan.FromSeconds(8));
        Assert.False(stopping.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var receipt = await stopping.Soon();
        held.Open();

        Assert.Equal(TimeSpan.FromSeconds(10), receipt.Elapsed);
    }

    [Fact]
    public async Task Ids_stay_unique_when_the_same_hour_comes_again()
    {
        // As many as it takes for a bus of one event every few milliseconds to come around with its numbers.
        const int each = 8192;
        var step = TimeSpan.FromMilliseconds(9);
        var ids = new HashSet<string>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(_clock)
            .Handle<int>(
                (_, context, _) =>
                {
                    ids.Add(context.Id);
                    return default;
                },
                static s => s.Idempotent())
            .Build();

        for (var i = 0; i < 2 * each; i++)
        {
            if (i == each)
                _clock.Jump = -each * step;
            await bus.PublishAsync(i);
            _clock.Advance(step);
        }

        await bus.WhenSettled();

        Assert.Equal(2 * each, ids.Count);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.Duplicates);
    }

    [Fact]
    public async Task Times_are_utc_whatever_the_local_zone()
    {
        var clock = new JumpingClock { Zone = TimeZoneInfo.CreateCustomTimeZone("far", TimeSpan.FromHours(9), "far", "far") };
        var times = new List<DateTimeOffset>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<string>((_, context, _) =>
            {
                times.AddRange([context.Time, context.Capture().Time]);
                throw new DoNotRetryException();
            })
            .Build();

        await bus.PublishAsync("fact");
        await bus.WhenSettled();
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        var scheduled = await bus.ScheduleAsync("later", clock.GetLocalNow().AddHours(1));

        times.AddRange([letter.Metadata.Time, letter.LastAttemptTime, scheduled.DueTime.AddHours(-1)]);
        Assert.All(times, time => Assert.Equal((clock.GetUtcNow(), TimeSpan.Zero), (time, time.Offset)));
    }

    private static async Task PublishAsync(IEventBus bus, string fact)
    {
        await bus.PublishAsync(fact, new PublishOptions { Id = "1" });
        await bus.WhenSettled();
    }

    private IEventBus Bus(Action<SubscriptionBuilder<string>> configure, Action<string>? onHandled = null, IIdempotencyStore? store = null) =>
        new EventBusBuilder()
            .UseTimeProvider(_clock)
            .UseIdempotencyStore(store ?? new InMemoryIdempotencyStore(timeProvider: _clock))
            .Handle<string>(
                (fact, _, _) =>
                {
                    _handled.Add(fact);
                    onHandled?.Invoke(fact);
                    return default;
                },
                configure)
            .Build();
}
