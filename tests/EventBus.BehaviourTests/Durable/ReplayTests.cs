using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using EventBus.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

public sealed class ReplayTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];

    [Fact]
    public async Task A_replay_while_others_publish_misses_nothing()
    {
        const int publishers = 3, events = 200, replays = 10;
        var seen = new List<(long Sequence, bool IsReplay)>();
        await using var bus = Bus(
            (_, context, _) =>
            {
                seen.Add((context.Sequence!.Value, context.IsReplay));
                return default;
            },
            static s => s.Capacity(8));
        await bus.StartAsync();

        var publishing = Task.WhenAll(Enumerable.Range(0, publishers).Select(_ => Task.Run(async () =>
        {
            for (var number = 0; number < events; number++)
                await bus.PublishAsync(number);
        })));
        for (var replay = 0; replay < replays; replay++)
            await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await publishing;
        await bus.WhenSettled();

        var expected = Enumerable.Range(1, publishers * events).Select(static number => (long)number).ToList();
        Assert.Equal(expected, seen.Select(static one => one.Sequence).Distinct().Order());
        // The last run is whole and in order.
        Assert.Equal(expected, seen.Skip(seen.FindLastIndex(static one => one.Sequence == 1)).Select(static one => one.Sequence));
        Assert.All(seen.GroupBy(static one => one.Sequence), static one => Assert.InRange(one.Count(static delivery => !delivery.IsReplay), 0, 1));
    }

    [Fact]
    public async Task A_move_to_the_latest_while_others_publish_misses_nothing_that_is_published_after_it()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var bus = Bus(name: $"round-{round}");
            await bus.StartAsync();

            var publishing = Task.Run(async () =>
            {
                for (var number = 0; number < 50; number++)
                    await bus.PublishAsync(-1);
            });
            await bus.EventLog.ReplayAsync($"round-{round}", LogPosition.Latest, skipUnread: true);
            await bus.PublishAsync(round);
            await publishing;
            await bus.WhenSettled();

            lock (_handled)
                Assert.Contains(round, _handled);
        }
    }

    [Fact]
    public async Task A_replay_from_before_the_logs_beginning_begins_at_the_oldest_event_and_says_so()
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var log = new SignallingLog(static line => line.Contains("is replayed from", StringComparison.Ordinal), said);
        await using var services = new ServiceCollectionWithLog(log).Build(bus => bus
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, _, _) =>
                {
                    lock (_handled)
                        _handled.Add(number);
                    return default;
                },
                static s => s.Named("facts").Durable()));
        for (var number = 1; number <= 5; number++)
            await services.Bus.PublishAsync(number);
        await services.Bus.WhenSettled();
        await services.Bus.StopAsync().AsTask().Soon();
        await services.Bus.StartAsync();
        await services.Bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 2 });

        await services.Bus.EventLog.ReplayAsync("facts", LogPosition.Sequence(2));
        await services.Bus.WhenSettled();

        Assert.Equal([1, 2, 3, 4, 5, 4, 5], _handled);
        Assert.Contains("Subscription facts is replayed from sequence 2. The log does not reach back so far: it begins at event 4, the oldest that is left.", log.Lines);
    }

    [Fact]
    public async Task A_replay_that_cannot_store_what_was_settled_can_be_cancelled_and_the_subscription_goes_on()
    {
        var full = false;
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new FaultyLog(_log)
        {
            Fault = (_, call) =>
            {
                if (call != "Commit" || !Volatile.Read(ref full))
                    return null;
                refused.TrySetResult();
                return FaultyLog.Transient();
            },
        };
        await using var bus = Bus(log: log);
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        Volatile.Write(ref full, true);
        using var impatient = new CancellationTokenSource();

        var replaying = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest, cancellationToken: impatient.Token).AsTask();
        await refused.Task.Soon();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => replaying.Soon());
        Volatile.Write(ref full, false);
        await bus.PublishAsync(2);
        await bus.WhenSettled();

        Assert.Equal([1, 2], _handled);
    }

    [Fact]
    public async Task A_move_ahead_keeps_what_was_read_and_not_settled()
    {
        await using var bus = Bus();
        bus.Subscriptions[0].Pause();
        for (var number = 1; number <= 10; number++)
            await bus.PublishAsync(number);

        await bus.EventLog.ReplayAsync("facts", LogPosition.Sequence(8), skipUnread: true);
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(1, 10), _handled.Order());
    }

    [Fact]
    public async Task A_move_ahead_past_events_that_were_not_read_says_how_many()
    {
        using var log = new SignallingLog(static _ => false, new TaskCompletionSource());
        await using var services = new ServiceCollectionWithLog(log).Build(bus => bus
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, _, _) =>
                {
                    lock (_handled)
                        _handled.Add(number);
                    return default;
                },
                static s => s.Named("facts").Durable().Capacity(1).StartPaused()));
        await services.Bus.PublishManyAsync([1, 2, 3, 4, 5]);

        await services.Bus.EventLog.ReplayAsync("facts", LogPosition.Latest, skipUnread: true);
        services.Bus.Subscriptions[0].Resume();
        await services.Bus.PublishAsync(6);
        await services.Bus.WhenSettled();

        Assert.Equal([1, 6], _handled.Order());
        Assert.Contains("Subscription facts is moved ahead to latest, and never gets the 4 events of the log that it had not read. What it had read and not settled is kept.", log.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_move_ahead_that_nobody_allowed_is_refused_and_changes_nothing(bool toLatest)
    {
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                (number, _, _) =>
                {
                    lock (_handled)
                        _handled.Add(number);
                    return default;
                },
                static s => s.Named("facts").Durable().Capacity(1).StartPaused())
            .Build();
        await bus.PublishManyAsync([1, 2, 3, 4, 5]);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(async () => await bus.EventLog.ReplayAsync("facts", toLatest ? LogPosition.Latest : LogPosition.Sequence(4)).AsTask().Soon());
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        Assert.EndsWith("it has read up to event 1. Replay from there or before, or allow it with skipUnread: true.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4, 5], _handled);
    }

    [Fact]
    public async Task A_handler_may_replay_its_own_subscription()
    {
        IEventBus bus = null!;
        var begun = new List<int>();
        var replayed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var built = bus = Bus(async (number, context, _) =>
        {
            lock (begun)
                begun.Add(number);
            if (number != 2 || context.IsReplay)
                return;
            await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest, cancellationToken: CancellationToken.None);
            replayed.SetResult();
        });

        for (var number = 1; number <= 3; number++)
            await bus.PublishAsync(number);
        await replayed.Task.Soon();
        await bus.WhenSettled();

        Assert.Equal([1, 2, 1, 2, 3], begun);
    }

    [Fact]
    public async Task A_replay_forgets_what_waited_and_delivers_it_itself_with_attempts_from_one()
    {
        var attempts = new List<(int Number, int Attempt, bool IsReplay)>();
        await using var bus = Bus(
            (number, context, _) =>
            {
                attempts.Add((number, context.Attempt, context.IsReplay));
                return number == 1 && context.Attempt == 1 ? throw new InvalidOperationException() : default;
            },
            static s => s.Retry(RetryPolicy.Fixed(5, s_minute)));
        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await bus.WhenQuiet();

        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([(1, 1, false), (2, 1, false), (1, 1, true), (2, 1, true), (1, 2, true)], attempts);
        await bus.StopAsync().AsTask().Soon();
        Assert.Empty(_log.ReadDeliveries("facts"));
    }

    [Fact]
    public async Task What_waits_before_the_place_of_a_replay_goes_on_waiting()
    {
        var attempts = new List<(int Number, int Attempt)>();
        await using var bus = Bus(
            (number, context, _) =>
            {
                attempts.Add((number, context.Attempt));
                return number == 1 && context.Attempt == 1 ? throw new InvalidOperationException() : default;
            },
            static s => s.Retry(RetryPolicy.Fixed(5, s_minute)));
        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await bus.WhenQuiet();

        await bus.EventLog.ReplayAsync("facts", LogPosition.Sequence(2));
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([(1, 1), (2, 1), (2, 1), (1, 2)], attempts);
    }

    [Fact]
    public async Task Dead_letters_that_a_replay_delivers_again_are_marked_and_no_others()
    {
        await using var bus = Bus((number, context, _) => number < 3 && !context.IsReplay ? throw new DoNotRetryException("no") : default);
        for (var number = 1; number <= 3; number++)
            await bus.PublishAsync(number);
        await bus.WhenSettled();

        await bus.EventLog.ReplayAsync("facts", LogPosition.Sequence(2));
        await bus.WhenSettled();

        Assert.Equal([(1, false), (2, true)], (await bus.DeadLetters.ListAsync()).Select(static letter => ((int)letter.Event, letter.IsSuperseded)));
        Assert.Equal([3, 2, 3], _handled);
    }

    [Fact]
    public async Task A_replay_handles_again_what_was_handled_and_each_once()
    {
        await using var bus = Bus(configure: static s => s.Idempotent());
        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await bus.WhenSettled();

        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await bus.WhenSettled();
        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await bus.WhenSettled();

        Assert.Equal([1, 2, 1, 2, 1, 2], _handled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delivery_of_a_replay_that_waits_is_handled_although_it_was_handled_before_the_replay(bool restarts)
    {
        await using var bus = Bus(
            static (number, context, _) => number == 1 && context is { IsReplay: true, Attempt: 1 } ? throw new InvalidOperationException() : default,
            static s => s.Idempotent().Retry(RetryPolicy.Fixed(2, s_minute)));
        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await bus.WhenSettled();
        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await bus.WhenQuiet();

        if (restarts)
        {
            await bus.StopAsync().AsTask().Soon();
            await bus.StartAsync();
        }

        _clock.Advance(s_minute);
        await bus.WhenSettled();
        Assert.Equal([1, 2, 2, 1], _handled);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.Duplicates);
    }

    [Fact]
    public async Task A_dead_letter_of_a_replay_can_be_redriven_after_a_restart()
    {
        var failing = true;
        await using var bus = Bus(
            (_, context, _) => context.IsReplay && Volatile.Read(ref failing) ? throw new DoNotRetryException("no") : default,
            static s => s.Idempotent());
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await bus.WhenSettled();
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();

        Volatile.Write(ref failing, false);
        Assert.True(await bus.DeadLetters.RedriveAsync(Assert.Single(await bus.DeadLetters.ListAsync()).Id));
        await bus.WhenSettled();

        Assert.Equal([1, 1], _handled);
        Assert.Empty(await bus.DeadLetters.ListAsync());
    }

    [Theory]
    [InlineData("SaveSubscription")]
    [InlineData("RemoveDeliveriesFrom")]
    [InlineData("Commit")]
    public async Task A_replay_that_fails_says_so_and_its_subscription_goes_on(string failing)
    {
        var log = new FaultyLog(_log);
        await using var bus = Bus(log: log);
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        // The position is stored by then, so that the next commit is the replay's own.
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        var failed = 0;
        log.Fault = (_, call) => call == failing && Interlocked.Exchange(ref failed, 1) == 0 ? FaultyLog.Transient() : null;

        var error = await Assert.ThrowsAsync<EventLogException>(async () => await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask().Soon());
        Assert.True(error.IsTransient);
        await bus.PublishAsync(2);
        await bus.WhenSettled();
        Assert.Contains(2, _handled);

        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask().Soon();
        await bus.WhenSettled();
        Assert.Equal([1, 2], _handled.TakeLast(2));
    }

    [Theory]
    [InlineData("ReadSubscriptions")]
    [InlineData("ReadDeliveries")]
    public async Task A_replay_waits_for_a_log_that_cannot_be_read_for_a_moment(string failing)
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new FaultyLog(_log);
        await using var bus = Bus(log: log);
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        log.Fault = (_, call) => call == failing && failed.TrySetResult() ? FaultyLog.Transient() : null;

        var replay = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask();
        await failed.Task.Soon();
        for (; !replay.IsCompleted; await Task.Yield())
            _clock.Advance(TimeSpan.FromSeconds(1));
        await replay;
        await bus.WhenSettled();

        Assert.Equal([1, 1], _handled);
    }

    [Fact]
    public async Task A_replay_goes_on_after_a_crash_and_is_still_one()
    {
        var held = new HeldHandler();
        var dead = Bus((number, context, _) => context.IsReplay && number == 2 ? held.HoldAsync() : default);
        for (var number = 1; number <= 3; number++)
            await dead.PublishAsync(number);
        await dead.WhenSettled();
        await dead.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await held.Entered;

        var seen = new List<(int Number, bool IsReplay)>();
        await using var bus = Bus(
            (number, context, _) =>
            {
                seen.Add((number, context.IsReplay));
                return default;
            },
            log: _log.Share());
        await bus.PublishAsync(4);
        await bus.WhenSettled();

        Assert.Equal([(2, true), (3, true), (4, false)], seen.Where(static one => one.Number > 1));
        held.Open();
        await dead.StopAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_replay_whose_handler_never_returns_ends_with_the_stop_and_holds_up_no_other()
    {
        var held = new HeldHandler();
        var others = new List<(int Number, bool IsReplay)>();
        await using var bus = new EventBusBuilder().UseEventLog(_log).UseTimeProvider(_clock)
            .Handle<int>((_, _, _) => held.HoldAsync(), static s => s.Named("facts").Durable())
            .Handle<int>(
                (number, context, _) =>
                {
                    lock (others)
                        others.Add((number, context.IsReplay));
                    return default;
                },
                static s => s.Named("others").Durable())
            .Build();
        await bus.PublishAsync(1);
        await held.Entered;
        var first = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask();
        var second = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask();

        await bus.EventLog.ReplayAsync("others", LogPosition.Earliest).AsTask().Soon();
        var stopping = bus.StopAsync(s_minute).AsTask();
        var error = await Assert.ThrowsAsync<EventBusStoppedException>(() => first.Soon());
        await Assert.ThrowsAsync<EventBusStoppedException>(() => second.Soon());
        _clock.Advance(s_minute);
        await stopping.Soon();
        await bus.StartAsync();
        held.Open();
        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask().Soon();
        await bus.WhenSettled();

        Assert.Equal("The bus is stopping, and has ended a replay that had not begun: its subscription stays where it was. Ask again when the bus is started.", error.Message);
        Assert.Contains((1, true), others);
    }

    [Fact]
    public async Task A_replay_that_is_given_up_while_it_waits_its_turn_lets_nobody_pass_the_one_before_it()
    {
        var held = new HeldHandler();
        await using var bus = Bus((_, context, _) => context.IsReplay ? default : held.HoldAsync());
        await bus.PublishAsync(1);
        await held.Entered;
        using var impatient = new CancellationTokenSource();
        var first = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask();
        var given = bus.EventLog.ReplayAsync("facts", LogPosition.Latest, cancellationToken: impatient.Token).AsTask();
        var last = bus.EventLog.ReplayAsync("facts", LogPosition.Earliest).AsTask();

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.Soon());
        Assert.False(first.IsCompleted || last.IsCompleted);
        held.Open();
        await first.Soon();
        await last.Soon();
        await bus.WhenSettled();

        Assert.Equal(1, _handled[0]);
        Assert.InRange(_handled.Count, 2, 3);
    }

    [Fact]
    public Task A_replay_that_is_overtaken_by_a_stop_and_a_start_leaves_alone_what_began_since() => AroundAReplayAsync(static async (bus, handled) =>
    {
        await bus.PublishAsync(3);
        await bus.WhenSettled();

        Assert.Contains(3, handled);
    }, "facts");

    [Fact]
    public Task A_replay_that_waited_for_another_lets_nothing_go_on_that_a_stop_holds() => AroundAReplayAsync(
        static async (bus, handled) =>
        {
            await bus.WhenSettled();

            Assert.Equal(handled.Distinct(), handled);
        },
        "others", "facts");

    [Fact]
    public Task What_is_handled_during_a_stop_is_not_handled_again_after_it_though_a_replay_came_between() => AroundAReplayAsync(static async (bus, handled) =>
    {
        await bus.WhenSettled();

        Assert.Equal(handled.Distinct(), handled);
    }, "facts");

    // The replay comes before, while or after the subscription reads what is there. What it had read then is marked.
    private static Task AroundAReplayAsync(Func<IEventBus, List<int>, Task> check, params string[] replayed) => Interleavings.RunAsync(300, async _ =>
    {
        using var log = new InMemoryEventLog();
        await using (var before = new EventBusBuilder().UseEventLog(log).AddEvent<int>(static e => e.Logged()).Build())
            await before.PublishManyAsync([1, 2]);
        var handled = new List<int>();
        await using var bus = new EventBusBuilder().UseEventLog(log).Handle<int>(
            (number, context, _) =>
            {
                if (!context.IsReplay)
                    handled.Add(number);
                return default;
            },
            static s => s.Named("facts").Durable(LogPosition.Earliest))
            .Handle<int>(static (_, _, _) => default, static s => s.Named("others").Durable(LogPosition.Earliest))
            .Handle<int>(static (_, _, _) => default, static s => s.Named("more").Durable(LogPosition.Earliest)).Build();
        await bus.StartAsync();

        var replaying = replayed.Select(name => bus.EventLog.ReplayAsync(name, LogPosition.Earliest).AsTask()).ToArray();
        for (var stops = 0; stops < replayed.Length; stops++)
        {
            await bus.StopAsync();
            await bus.StartAsync();
        }

        await Record.ExceptionAsync(() => Task.WhenAll(replaying));

        await check(bus, handled);
    });

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask>? handler = null, Action<SubscriptionBuilder<int>>? configure = null, IEventLog? log = null, string name = "facts") =>
        new EventBusBuilder()
            .UseEventLog(log ?? _log)
            .UseTimeProvider(_clock)
            .Handle<int>(
                async (number, context, token) =>
                {
                    if (handler is not null)
                        await handler(number, context, token);
                    lock (_handled)
                        _handled.Add(number);
                },
                s =>
                {
                    s.Named(name).Durable();
                    configure?.Invoke(s);
                })
            .Build();
}
