using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests.Durable;

/// <summary>Somebody sets the clock while the bus runs, or between two of its lives. What is stored has times by the clock; what waits is neither stalled nor doubled.</summary>
public sealed class DurableClockTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly InMemoryEventLog _log = new();
    private readonly JumpingClock _clock = new();
    private readonly List<int> _handled = [];

    public static TheoryData<int> HoursSet => [-1, 24];

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task A_retry_comes_after_its_delay(int hours)
    {
        await using var bus = Bus(configure: static s => s.Retry(RetryPolicy.Fixed(2, s_minute)), failsFirst: true);
        await bus.PublishAsync(1);
        await bus.WhenQuiet();

        _clock.Jump = TimeSpan.FromHours(hours);
        _clock.Advance(s_minute - s_second);
        await bus.WhenQuiet();
        Assert.Empty(_handled);
        _clock.Advance(s_second);
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    [Theory]
    [InlineData(-1, 60)]
    [InlineData(24, 0)]
    public async Task Over_a_restart_a_retry_waits_for_what_is_left_by_the_clock_and_never_longer_than_its_delay(int hours, int seconds)
    {
        await using (var bus = Bus(configure: static s => s.Retry(RetryPolicy.Fixed(2, s_minute)), failsFirst: true))
        {
            await bus.PublishAsync(1);
            await bus.WhenQuiet();
            await bus.StopAsync().AsTask().Soon();
        }

        _clock.Jump = TimeSpan.FromHours(hours);
        await using var another = Bus();
        await another.StartAsync();
        if (seconds > 0)
        {
            _clock.Advance(TimeSpan.FromSeconds(seconds - 1));
            await another.WhenQuiet();
            Assert.Empty(_handled);
            _clock.Advance(s_second);
        }

        await another.WhenSettled();

        Assert.Equal([1], _handled);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(-1, true)]
    [InlineData(24, false)]
    [InlineData(24, true)]
    public async Task Over_a_restart_nothing_is_delivered_twice_or_left_out(int hours, bool isIdempotent)
    {
        await using (var bus = Bus(configure: Configure))
        {
            for (var number = 1; number <= 5; number++)
                await bus.PublishAsync(number, new PublishOptions { Id = $"{number}" });
            await bus.WhenSettled();
            await bus.StopAsync().AsTask().Soon();
        }

        _clock.Jump = TimeSpan.FromHours(hours);
        await using var another = Bus(configure: Configure);
        await another.StartAsync();
        for (var number = 4; number <= 8; number++)
            await another.PublishAsync(number, new PublishOptions { Id = $"{number}" });
        await another.WhenSettled();

        Assert.Equal(Enumerable.Range(1, 8), _handled);
        Assert.Equal(8, _log.ReadStatistics().Events);

        void Configure(SubscriptionBuilder<int> s)
        {
            if (isIdempotent)
                s.Idempotent();
        }
    }

    [Theory]
    [InlineData(-1, 60)]
    [InlineData(24, 0)]
    public async Task A_claim_of_a_dead_process_is_won_after_its_lease_at_the_latest(int hours, int seconds)
    {
        var held = new HeldHandler();
        var dead = Bus(configure: static s => s.Idempotent(), held: held);
        await dead.PublishAsync(1);
        await held.Entered;

        _clock.Jump = TimeSpan.FromHours(hours);
        await using (var bus = Bus(configure: static s => s.Idempotent(), log: _log.Share()))
        {
            await bus.StartAsync();
            if (seconds > 0)
            {
                await bus.WhenQuiet();
                Assert.Empty(_handled);
                _clock.Advance(TimeSpan.FromSeconds(seconds));
            }

            await bus.WhenSettled();
            Assert.Equal([1], _handled);
        }

        held.Open();
        await dead.StopAsync(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(-1, new[] { 1 })]
    [InlineData(24, new[] { 1, 2 })]
    public async Task What_was_handled_is_remembered_until_its_window_ends_by_the_clock(int hours, int[] handled)
    {
        await using var bus = Bus(configure: static s => s.Idempotent(static _ => "key", TimeSpan.FromMinutes(10)));
        await bus.PublishAsync(1);
        await bus.WhenSettled();

        _clock.Jump = TimeSpan.FromHours(hours);
        await bus.PublishAsync(2);
        await bus.WhenSettled();

        Assert.Equal(handled, _handled);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(24, true)]
    [InlineData(24 * 8, false)]
    public async Task An_id_is_recognised_until_its_window_ends_by_the_clock(int hours, bool isRecognised)
    {
        await using var bus = Bus();
        await bus.PublishAsync(1, new PublishOptions { Id = "a" });

        _clock.Jump = TimeSpan.FromHours(hours);
        await bus.PublishAsync(1, new PublishOptions { Id = "a" });
        await bus.WhenSettled();

        Assert.Equal(isRecognised ? 1 : 2, _handled.Count);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(24, false)]
    public async Task Over_a_restart_an_event_lives_until_its_end_by_the_clock(int hours, bool lives)
    {
        await using (var bus = Bus(configure: static s => s.StartPaused()))
        {
            await bus.PublishAsync(1, new PublishOptions { TimeToLive = s_minute });
            await bus.StopAsync().AsTask().Soon();
        }

        _clock.Jump = TimeSpan.FromHours(hours);
        await using var another = Bus();
        await another.StartAsync();
        await another.WhenSettled();

        Assert.Equal(lives ? [1] : [], _handled);
        Assert.Equal(lives ? 0 : 1, another.Subscriptions[0].Statistics.Expired);
    }

    [Theory]
    [MemberData(nameof(HoursSet))]
    public async Task A_scheduled_event_comes_after_the_time_that_was_left_when_it_was_scheduled(int hours)
    {
        await using var bus = Bus();
        await bus.ScheduleAsync(1, s_hour);

        _clock.Jump = TimeSpan.FromHours(hours);
        _clock.Advance(s_hour - s_second);
        await bus.WhenQuiet();
        Assert.Empty(_handled);
        _clock.Advance(s_second);
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task Over_a_change_to_summer_time_stored_times_are_utc_and_nothing_moves()
    {
        // The clocks here go from two to three in the night of the clock's second day.
        var start = TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 2, 0, 0), 1, 2);
        var end = TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 25);
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, s_hour, start, end);
        var clock = new JumpingClock { Zone = TimeZoneInfo.CreateCustomTimeZone("here", s_hour, "here", "here", "here in summer", [rule]) };
        clock.Advance(new TimeSpan(1, 0, 30, 0));
        var begun = clock.GetUtcNow();
        await using var bus = Bus(configure: static s => s.Retry(RetryPolicy.Fixed(2, s_hour)), failsFirst: true, clock: clock);
        await bus.PublishAsync(1, new PublishOptions { TimeToLive = TimeSpan.FromHours(3) });
        var scheduled = await bus.ScheduleAsync(2, clock.GetLocalNow().AddHours(1));
        await bus.WhenQuiet();
        await bus.StopAsync().AsTask().Soon();

        var record = Assert.Single(_log.Read(0, 10));
        var delivery = Assert.Single(_log.ReadDeliveries("facts"));
        DateTimeOffset[] times = [record.Time, record.ExpiresAt!.Value, delivery.FirstAttempt, delivery.Due, Assert.Single(_log.ReadScheduled(10)).Due, scheduled.DueTime];
        Assert.Equal([begun, begun.AddHours(3), begun, begun.AddHours(1), begun.AddHours(1), begun.AddHours(1)], times);
        Assert.All(times, static time => Assert.Equal(TimeSpan.Zero, time.Offset));

        await bus.StartAsync();
        var before = clock.GetLocalNow().Offset;
        clock.Advance(s_hour - s_second);
        await bus.WhenQuiet();
        Assert.Empty(_handled);
        clock.Advance(s_second);
        await bus.WhenQuiet();

        Assert.Equal(s_hour, clock.GetLocalNow().Offset - before);
        Assert.Contains(1, _handled);
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(Action<SubscriptionBuilder<int>>? configure = null, HeldHandler? held = null, bool failsFirst = false, IEventLog? log = null, TimeProvider? clock = null) =>
        new EventBusBuilder()
            .UseEventLog(log ?? _log)
            .UseTimeProvider(clock ?? _clock)
            .Handle<int>(
                async (number, context, _) =>
                {
                    if (held is not null)
                        await held.HoldAsync();
                    if (failsFirst && context.Attempt == 1)
                        throw new InvalidOperationException("The first attempt fails.");
                    lock (_handled)
                        _handled.Add(number);
                },
                s =>
                {
                    s.Named("facts").Durable();
                    configure?.Invoke(s);
                })
            .Build();
}
