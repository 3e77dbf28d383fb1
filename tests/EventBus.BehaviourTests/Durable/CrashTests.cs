using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>A process that dies, seen from the next one: a bus is left in the middle of something, and another takes its log over.</summary>
public sealed class CrashTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];
    private readonly List<IEventBus> _dead = [];

    [Fact]
    public async Task What_was_acknowledged_and_not_dispatched_is_delivered_after_the_restart()
    {
        var dead = Dies(Bus(configure: static s => s.StartPaused()));
        await dead.PublishAsync(1);
        await dead.PublishAsync(2);

        await using var bus = Bus(log: _log.Share());
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1, 2], _handled);
    }

    [Fact]
    public async Task An_event_whose_handler_ends_the_process_each_time_becomes_a_dead_letter_and_the_rest_goes_on()
    {
        var log = _log;
        var begun = new List<(int Number, int Attempt)>();
        for (var life = 0; life < 3; life++)
        {
            var held = new HeldHandler();
            var dying = Dies(Bus((number, context, _) => Begin(number, context, held), Tries(2), log));
            await (life == 0 ? dying.PublishManyAsync([1, 2]) : dying.StartAsync());
            await held.Entered;
            log = log.Share();
        }

        // The first life wrote nothing about its attempt; the next two counted, and those were all.
        await using var bus = Bus((number, context, _) => Begin(number, context, null), Tries(2), log);
        await bus.StartAsync();
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([(1, 1), (1, 1), (1, 2), (2, 1)], begun);
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal((1, 2, typeof(AttemptInterruptedException).FullName), ((int)letter.Event, letter.Attempts, letter.ExceptionType));
        Assert.Equal([2], _handled);

        static Action<SubscriptionBuilder<int>> Tries(int attempts) => s => s.StrictlyOrdered().Retry(RetryPolicy.Immediate(attempts));

        ValueTask Begin(int number, EventContext context, HeldHandler? held)
        {
            lock (begun)
                begun.Add((number, context.Attempt));
            return number == 1 && held is not null ? held.HoldAsync() : default;
        }
    }

    [Fact]
    public async Task What_was_completed_before_the_process_died_again_is_a_duplicate_and_no_interrupted_attempt()
    {
        static void Careful(SubscriptionBuilder<int> s) => s.Idempotent().Retry(RetryPolicy.Immediate(3).On<AttemptInterruptedException>(RetryPolicy.None));
        var held = new HeldHandler();
        var firstLog = new FaultyLog(_log);
        var dead = Dies(Bus((_, _, _) => held.HoldAsync(), Careful, firstLog));
        await dead.PublishAsync(1);
        await held.Entered;
        // Dead, it renews its claim no more.
        firstLog.LosePower();

        var completed = false;
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new FaultyLog(_log.Share());
        log.Fault = (_, call) =>
        {
            completed |= call == "CompleteClaim";
            if (call != "Committed" || !completed)
                return null;
            died.TrySetResult();
            return log.LosePower();
        };
        var dies = Dies(Bus(configure: Careful, log: log));
        _clock.Advance(2 * s_minute);
        await dies.StartAsync();
        await died.Task.Soon();

        await using var bus = Bus(configure: Careful, log: _log.Share());
        await bus.StartAsync();
        await bus.WhenSettled();
        Assert.Equal([1], _handled);
        Assert.Equal((1, 0), (bus.Subscriptions[0].Statistics.Duplicates, bus.Subscriptions[0].Statistics.DeadLettered));
    }

    [Fact]
    public async Task A_retry_that_ends_the_process_is_counted_on_top_of_the_attempts_before()
    {
        var held = new HeldHandler();
        var dead = Dies(Bus((_, context, _) => context.Attempt == 1 ? throw new InvalidOperationException() : held.HoldAsync(), static s => s.Retry(RetryPolicy.Fixed(3, s_minute))));
        await dead.PublishAsync(1);
        await dead.WhenQuiet();
        await WhenStored(dead);
        _clock.Advance(s_minute);
        await held.Entered;

        var attempts = new List<int>();
        var next = new HeldHandler();
        var dies = Dies(Bus(Attempts(attempts, next), static s => s.Retry(RetryPolicy.Fixed(3, s_minute)), _log.Share()));
        await dies.StartAsync();
        await next.Entered;
        Assert.Equal([2], attempts);

        await using var bus = Bus(Attempts(attempts, null), static s => s.Retry(RetryPolicy.Fixed(3, s_minute)), _log.Share());
        await bus.StartAsync();
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();
        Assert.Equal([2, 3], attempts);
        Assert.Equal([1], _handled);

        static Func<int, EventContext, CancellationToken, ValueTask> Attempts(List<int> attempts, HeldHandler? held) => (_, context, _) =>
        {
            attempts.Add(context.Attempt);
            return held?.HoldAsync() ?? default;
        };
    }

    [Fact]
    public async Task After_a_clean_stop_nothing_comes_again_that_was_handled_although_an_earlier_one_still_runs()
    {
        var held = new HeldHandler();
        var quick = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var bus = Bus(
            (number, context, _) =>
            {
                if (number == 0 && !context.IsReplay && Volatile.Read(ref quick) < 20)
                    return held.HoldAsync();
                if (Interlocked.Increment(ref quick) == 20)
                    all.SetResult();
                return default;
            },
            static s => s.Concurrency(2));
        await bus.PublishAsync(0);
        await held.Entered;
        for (var number = 1; number <= 20; number++)
            await bus.PublishAsync(number);
        await all.Task.Soon();
        await bus.StopAsync(cancellationToken: new CancellationToken(canceled: true)).AsTask().Soon();

        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([0], _handled.GetRange(20, _handled.Count - 20));
        held.Open();
    }

    [Fact]
    public async Task A_delivery_that_waits_beyond_the_stored_position_comes_once()
    {
        var held = new HeldHandler(2);
        var dead = Dies(Bus(
            (number, _, _) => number == 1 ? held.HoldAsync() : number == 3 ? throw new InvalidOperationException() : held.HoldAsync(),
            static s => s.Concurrency(3).Retry(RetryPolicy.Fixed(9, s_minute))));
        await dead.PublishManyAsync([1, 2, 3]);
        await held.Entered;
        await Waits(3);

        var attempts = new List<(int Number, int Attempt)>();
        await using var bus = Bus(
            (number, context, _) =>
            {
                lock (attempts)
                    attempts.Add((number, context.Attempt));
                return default;
            },
            static s => s.Concurrency(3).Retry(RetryPolicy.Fixed(9, s_minute)),
            _log.Share());
        await bus.StartAsync();
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([(1, 1), (2, 1), (3, 2)], attempts.Where(static attempt => attempt.Number < 4).Order());

        // Each publish takes along what has changed by then.
        async Task Waits(long sequence)
        {
            while (!_log.ReadDeliveries("facts").Any(delivery => delivery.Sequence == sequence))
                await dead.PublishAsync(4, new PublishOptions { Id = "again and again" });
        }
    }

    [Fact]
    public async Task After_a_clean_stop_an_attempt_that_was_cut_off_does_not_count()
    {
        var attempts = new List<int>();
        var held = new HeldHandler();
        Dies(Bus((_, _, _) => new(new TaskCompletionSource().Task)));
        await _dead[0].PublishAsync(1);

        await using var bus = Bus(
            (_, context, _) =>
            {
                attempts.Add(context.Attempt);
                return attempts.Count == 1 ? held.HoldAsync() : default;
            },
            log: _log.Share());
        await bus.StartAsync();
        await held.Entered;
        await bus.StopAsync(cancellationToken: new CancellationToken(canceled: true)).AsTask().Soon();
        held.Open();
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1, 1], attempts);
        Assert.Empty(await bus.DeadLetters.ListAsync());
    }

    [Fact]
    public async Task What_comes_after_the_crash_is_not_written_before_each_attempt()
    {
        var held = new HeldHandler();
        var dead = Dies(Bus((_, _, _) => held.HoldAsync()));
        await dead.PublishAsync(1);
        await held.Entered;
        var saved = 0;
        var log = new FaultyLog(_log.Share());
        log.Fault = (_, call) =>
        {
            saved += call == "SaveDelivery" ? 1 : 0;
            return null;
        };

        await using var bus = Bus(log: log);
        await bus.StartAsync();
        await bus.WhenSettled();
        Assert.Equal(1, saved);
        for (var number = 2; number < 10; number++)
            await bus.PublishAsync(number);
        await bus.WhenSettled();

        Assert.Equal(1, saved);
        Assert.Equal(Enumerable.Range(1, 9), _handled);
    }

    [Fact]
    public async Task A_claim_of_a_dead_process_is_won_again_when_its_lease_is_over()
    {
        var held = new HeldHandler();
        var dead = Dies(Bus((_, _, _) => held.HoldAsync(), static s => s.Idempotent()));
        await dead.PublishAsync(1);
        await held.Entered;

        await using var bus = Bus(configure: static s => s.Idempotent(), log: _log.Share());
        await bus.StartAsync();
        await bus.WhenQuiet();
        Assert.Empty(_handled);
        _clock.Advance(SubscriptionSettings.DefaultClaimLease);
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    [Fact]
    public async Task What_was_completed_and_not_checkpointed_is_recognised()
    {
        var log = new FaultyLog(_log);
        var dead = Dies(Bus(configure: static s => s.Idempotent(), log: log));
        // The commit that completes the claim is the last that reaches the log.
        log.Fault = (_, call) =>
        {
            if (call == "CompleteClaim")
                log.Fault = (_, next) => next == "Committed" ? log.LosePower() : null;
            return null;
        };
        await dead.PublishAsync(1);
        await dead.StopAsync().AsTask().Soon();
        Assert.Equal([1], _handled);
        Assert.Equal(0, Assert.Single(_log.ReadSubscriptions()).Position);

        await using var bus = Bus(configure: static s => s.Idempotent(), log: _log.Share());
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Duplicates);
    }

    [Fact]
    public async Task Keys_keep_their_order_over_a_crash()
    {
        var held = new HeldHandler(2);
        var dead = Dies(Bus(
            (number, _, _) => number is 2 or 3 ? held.HoldAsync() : number == 1 ? throw new InvalidOperationException() : default,
            static s => s.OrderedBy(static number => number % 3).Concurrency(3).Retry(RetryPolicy.Fixed(9, s_minute))));
        for (var number = 1; number <= 30; number++)
            await dead.PublishAsync(number);
        await held.Entered;
        await dead.PublishAsync(31);

        _handled.Clear();
        await using var bus = Bus(configure: static s => s.OrderedBy(static number => number % 3).Concurrency(3).Retry(RetryPolicy.Fixed(9, s_minute)), log: _log.Share());
        await bus.StartAsync();
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(1, 31), _handled.Order());
        Assert.All(_handled.GroupBy(static number => number % 3), static key => Assert.Equal(key.Order(), key));
    }

    [Theory]
    [InlineData(false, 100_000)]
    [InlineData(true, 100_000)]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    public async Task A_delivery_that_waits_for_its_retry_does_not_pass_an_earlier_one_of_its_key_whose_settlement_was_lost(bool isDueByThen, int maxParked)
    {
        void Keyed(SubscriptionBuilder<int> s) => s.OrderedBy(static number => number == 1 ? "other" : "key").Concurrency(2).MaxParked(maxParked).Retry(RetryPolicy.Fixed(9, s_minute));
        var held = new HeldHandler();
        var dead = Dies(Bus((number, _, _) => number == 1 ? held.HoldAsync() : number == 3 ? throw new InvalidOperationException() : default, Keyed));
        await dead.PublishManyAsync([1, 2, 3]);
        await held.Entered;
        await WhenStored(dead, 3);
        Assert.Equal([2], _handled);
        if (isDueByThen)
        {
            // A dead process does not try again.
            using var owner = _log.Share();
            owner.Open();
            _clock.Advance(s_minute);
        }

        var attempts = new List<(int Number, int Attempt)>();
        await using var bus = Bus(
            (number, context, _) =>
            {
                lock (attempts)
                    attempts.Add((number, context.Attempt));
                return default;
            },
            Keyed,
            _log.Share());
        await bus.StartAsync();
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([(2, 1), (3, 2)], attempts.Where(static attempt => attempt.Number > 1));
        Assert.Equal(3, attempts.Count);
    }

    [Fact]
    public async Task An_earlier_event_of_a_key_that_fails_after_the_crash_holds_back_a_later_one_that_waited_before_it()
    {
        static void Keyed(SubscriptionBuilder<int> s) => s.OrderedBy(static number => number == 1 ? "other" : "key").Concurrency(2).Retry(RetryPolicy.Fixed(9, s_minute));
        var held = new HeldHandler();
        var dead = Dies(Bus((number, _, _) => number == 1 ? held.HoldAsync() : number == 3 ? throw new InvalidOperationException() : default, Keyed));
        await dead.PublishManyAsync([1, 2, 3, 4]);
        await held.Entered;
        await WhenStored(dead, 4);
        _clock.Advance(s_minute / 2);
        _handled.Clear();

        await using var bus = Bus((number, context, _) => number == 2 && context.Attempt < 3 ? throw new InvalidOperationException() : default, Keyed, _log.Share());
        await bus.StartAsync();
        for (var minute = 0; minute < 3; minute++)
        {
            await bus.WhenQuiet();
            _clock.Advance(s_minute);
        }

        await bus.WhenSettled();
        Assert.Equal([2, 3, 4], _handled.Where(static number => number > 1));
    }

    [Fact]
    public async Task What_waits_beyond_the_position_and_is_not_in_the_log_any_more_is_settled()
    {
        static void Keyed(SubscriptionBuilder<int> s) => s.OrderedBy(static number => number == 1 ? "other" : "key").Concurrency(2).Retry(RetryPolicy.Fixed(9, s_minute));
        var held = new HeldHandler();
        var dead = Dies(Bus((number, _, _) => number == 1 ? held.HoldAsync() : number == 2 ? throw new InvalidOperationException() : default, Keyed));
        await dead.PublishManyAsync([1, 2, 3]);
        await held.Entered;
        await WhenStored(dead, 3);
        using (var owner = _log.Share())
        {
            owner.Open();
            using var transaction = owner.Begin();
            transaction.RemoveEvents(2, null, 2);
            transaction.Commit();
        }

        var handled = new List<int>();
        await using var bus = Bus(
            (number, _, _) =>
            {
                handled.Add(number);
                return default;
            },
            Keyed,
            _log.Share());
        await bus.StartAsync();
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([3], handled);
    }

    [Fact]
    public async Task A_dead_letter_beyond_the_position_is_not_delivered_again()
    {
        static void Keyed(SubscriptionBuilder<int> s) => s.OrderedBy(static number => number).Concurrency(2);
        var held = new HeldHandler();
        var buried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dead = Dies(Bus((number, _, _) => number == 1 ? held.HoldAsync() : throw new DoNotRetryException("no"), Keyed, buried: buried));
        await dead.PublishManyAsync([1, 2]);
        await held.Entered;
        await buried.Task.Soon();

        var log = _log.Share();
        await using var bus = Bus(configure: Keyed, log: log);
        await bus.StartAsync();
        await bus.WhenSettled();
        Assert.Equal([1], _handled);
        Assert.Equal(2, (int)Assert.Single(await bus.DeadLetters.ListAsync()).Event);
        Assert.Equal((1, 0), (bus.Subscriptions[0].Statistics.Handled, bus.Subscriptions[0].Statistics.DeadLettered));

        await bus.StopAsync().AsTask().Soon();
        Assert.Empty(log.ReadDeliveries("facts"));
    }

    [Fact]
    public async Task A_dead_letter_that_is_redriven_when_the_process_dies_comes_once_although_the_position_is_before_it()
    {
        static void Keyed(SubscriptionBuilder<int> s) => s.OrderedBy(static number => number).Concurrency(2);
        var held = new HeldHandler();
        var again = new HeldHandler();
        var buried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var fails = true;
        var dead = Dies(Bus((number, _, _) => number == 1 ? held.HoldAsync() : Volatile.Read(ref fails) ? throw new DoNotRetryException("no") : again.HoldAsync(), Keyed, buried: buried));
        await dead.PublishManyAsync([1, 2]);
        await held.Entered;
        await buried.Task.Soon();
        Volatile.Write(ref fails, false);
        await dead.DeadLetters.RedriveAsync(new DeadLetterQuery());
        await again.Entered;

        await using var bus = Bus(configure: Keyed, log: _log.Share());
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1, 2], _handled.Order());
        Assert.Empty(await bus.DeadLetters.ListAsync());
    }

    [Fact]
    public async Task A_replay_delivers_what_was_settled_beyond_the_position_and_marks_its_dead_letter()
    {
        static void Keyed(SubscriptionBuilder<int> s) => s.OrderedBy(static number => number).Concurrency(2);
        var held = new HeldHandler();
        var buried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var dead = Dies(Bus((number, _, _) => number == 1 ? held.HoldAsync() : throw new DoNotRetryException("no"), Keyed, buried: buried));
        await dead.PublishManyAsync([1, 2]);
        await held.Entered;
        await buried.Task.Soon();

        await using var bus = Bus(configure: s => Keyed(s.StartPaused()), log: _log.Share());
        await bus.StartAsync();
        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        Assert.Equal([1, 2], _handled.Order());
        Assert.True(Assert.Single(await bus.DeadLetters.ListAsync()).IsSuperseded);
    }

    [Fact]
    public async Task A_bus_that_was_shut_out_acknowledges_nothing_any_more()
    {
        var dead = Dies(Bus(configure: static s => s.StartPaused()));
        await dead.PublishAsync(1);
        await using var bus = Bus(log: _log.Share());
        await bus.StartAsync();

        await Assert.ThrowsAsync<EventLogException>(async () => await dead.PublishAsync(2));
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
    }

    public void Dispose()
    {
        foreach (var dead in _dead)
            _ = dead.StopAsync(TimeSpan.Zero).AsTask();
        _log.Dispose();
    }

    // Each commit takes along what has changed before it.
    private static async Task WhenStored(IEventBus bus) => await bus.EventLog.DeleteSubscriptionAsync("nobody");

    // Each commit takes along what has changed by then.
    private async Task WhenStored(IEventBus bus, long sequence)
    {
        while (!_log.ReadDeliveries("facts").Any(delivery => delivery.Sequence == sequence))
            await bus.EventLog.DeleteSubscriptionAsync("nobody");
    }

    private IEventBus Dies(IEventBus bus)
    {
        _dead.Add(bus);
        return bus;
    }

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask>? handler = null, Action<SubscriptionBuilder<int>>? configure = null, IEventLog? log = null, TaskCompletionSource? buried = null) =>
        new EventBusBuilder()
            .UseEventLog(log ?? _log)
            .UseTimeProvider(_clock)
            .OnDeadLetter((_, _) =>
            {
                buried?.TrySetResult();
                return default;
            })
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
                    s.Named("facts").Durable();
                    configure?.Invoke(s);
                })
            .Build();
}
