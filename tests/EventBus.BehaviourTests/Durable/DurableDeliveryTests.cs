using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

public sealed class DurableDeliveryTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<Fact> _handled = [];

    [Fact]
    public async Task A_durable_subscription_gets_what_is_published_in_log_order()
    {
        await using var bus = Bus();

        for (var i = 0; i < 100; i++)
            await bus.PublishAsync(new Fact(i));
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, 100), _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task Live_it_gets_the_very_instance_that_was_published_with_its_sequence()
    {
        var contexts = new List<EventMetadata>();
        await using var bus = Bus((_, context) => contexts.Add(context.Capture()));
        var fact = new Fact(1);

        await bus.PublishAsync(fact, new PublishOptions { Id = "a", Subject = "s", Key = "k", Headers = new Dictionary<string, string> { ["h"] = "1" } });
        await bus.WhenSettled();

        Assert.Same(fact, Assert.Single(_handled));
        var metadata = Assert.Single(contexts);
        Assert.Equal((1L, "a", "s", "k", false), (metadata.Sequence, metadata.Id, metadata.Subject, metadata.Key, metadata.IsReplay));
    }

    [Fact]
    public async Task After_a_stop_it_goes_on_where_it_was()
    {
        await using (var bus = Bus())
        {
            await bus.PublishAsync(new Fact(1));
            await bus.StopAsync();
        }

        await using var another = Bus();
        await another.PublishAsync(new Fact(2));
        await another.WhenSettled();

        Assert.Equal([1, 2], _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task What_was_published_while_its_process_was_dead_is_delivered_after_the_restart()
    {
        var held = new HeldHandler();
        var dead = Bus((_, _) => { }, held);
        await dead.PublishAsync(new Fact(1));
        await dead.PublishAsync(new Fact(2));
        await held.Entered;

        // Another process takes the log over; the first one is shut out.
        await using var bus = Bus(log: _log.Share());
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1, 2], _handled.Select(static fact => fact.Number));
        held.Open();
    }

    [Fact]
    public async Task A_retry_that_waits_behind_an_earlier_delivery_that_runs_is_delivered_once_after_a_crash()
    {
        var first = new HeldHandler();
        var third = new TaskCompletionSource();
        var dead = Build(_log, async fact =>
        {
            if (fact.Number == 1)
                await first.HoldAsync();
            else if (fact.Number == 2)
                throw new InvalidOperationException("no");
            else
                third.TrySetResult();
        });
        await dead.PublishManyAsync([new Fact(1), new Fact(2), new Fact(3)]);
        await third.Task.Soon();
        await dead.PublishAsync(new Fact(4));

        await using var bus = Build(_log.Share(), static _ => default);
        await bus.StartAsync();
        await bus.WhenQuiet();
        Assert.DoesNotContain(new Fact(2), _handled);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Single(_handled, new Fact(2));
        first.Open();

        IEventBus Build(IEventLog log, Func<Fact, ValueTask> handler) => new EventBusBuilder()
            .UseEventLog(log)
            .UseTimeProvider(_clock)
            .Handle<Fact>(
                async (fact, _, _) =>
                {
                    await handler(fact);
                    lock (_handled)
                        _handled.Add(fact);
                },
                static s => s.Named("facts").Durable().Concurrency(2).Retry(RetryPolicy.Fixed(9, TimeSpan.FromMinutes(1))))
            .Build();
    }

    [Fact]
    public async Task A_new_subscription_begins_with_what_comes_after_the_start_that_has_it()
    {
        await using (var bus = Bus())
        {
            await bus.PublishAsync(new Fact(1));
            await bus.StopAsync();
        }

        var late = new List<int>();
        var early = new List<int>();
        await using var another = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<Fact>(Into(late), static s => s.Named("late").Durable())
            .Handle<Fact>(Into(early), static s => s.Named("early").Durable(LogPosition.Earliest))
            .Build();
        await another.PublishAsync(new Fact(2));
        await another.WhenSettled();

        Assert.Equal([2], late);
        Assert.Equal([1, 2], early);
    }

    [Fact]
    public async Task A_failed_delivery_is_tried_again_after_its_delay_and_the_rest_goes_on()
    {
        var attempts = new List<(int Number, int Attempt)>();
        await using var bus = Bus(
            (fact, context) =>
            {
                attempts.Add((fact.Number, context.Attempt));
                if (fact.Number == 1 && context.Attempt < 3)
                    throw new InvalidOperationException();
            },
            retry: RetryPolicy.Fixed(5, TimeSpan.FromMinutes(1)));

        await bus.PublishAsync(new Fact(1));
        await bus.PublishAsync(new Fact(2));
        await bus.WhenQuiet();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenQuiet();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Equal([(1, 1), (2, 1), (1, 2), (1, 3)], attempts);
    }

    [Fact]
    public async Task Attempts_and_waits_survive_a_restart()
    {
        var attempts = new List<int>();
        void Fail(Fact fact, EventContext context)
        {
            attempts.Add(context.Attempt);
            throw new InvalidOperationException("no");
        }

        await using (var bus = Bus(Fail, retry: RetryPolicy.Fixed(3, TimeSpan.FromMinutes(1))))
        {
            await bus.PublishAsync(new Fact(1));
            await bus.WhenQuiet();
            await bus.StopAsync();
        }

        await using var another = Bus(Fail, retry: RetryPolicy.Fixed(3, TimeSpan.FromMinutes(1)));
        await another.StartAsync();
        await another.WhenQuiet();
        Assert.Equal([1], attempts);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await another.WhenQuiet();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await another.WhenSettled();

        Assert.Equal([1, 2, 3], attempts);
        var letter = Assert.Single(await another.DeadLetters.ListAsync());
        Assert.Equal((DeadLetterReason.MaxAttemptsExceeded, 3, new Fact(1)), (letter.Reason, letter.Attempts, letter.Event));
    }

    [Fact]
    public async Task A_key_whose_first_delivery_waits_keeps_its_order_and_others_go_on()
    {
        var failing = true;
        var attempted = new List<int>();
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .UseTimeProvider(_clock)
            .Handle<Fact>(
                (fact, _, _) =>
                {
                    lock (attempted)
                        attempted.Add(fact.Number);
                    return fact.Number == 0 && Volatile.Read(ref failing) ? throw new InvalidOperationException() : default;
                },
                static s => s.Named("facts").Durable().OrderedBy(static fact => fact.Number % 2).Concurrency(4).Retry(RetryPolicy.Fixed(9, TimeSpan.FromMinutes(1))))
            .Build();

        for (var i = 0; i < 10; i++)
            await bus.PublishAsync(new Fact(i));
        await bus.WhenQuiet();
        Assert.Equal([1, 3, 5, 7, 9], attempted.Where(static number => number % 2 == 1));
        Assert.Equal([0], attempted.Where(static number => number % 2 == 0));
        failing = false;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Equal([0, 0, 2, 4, 6, 8], attempted.Where(static number => number % 2 == 0));
    }

    [Fact]
    public async Task A_replay_delivers_the_past_again_marked_and_then_goes_on_live()
    {
        var seen = new List<(int Number, bool IsReplay)>();
        await using var bus = Bus((fact, context) => seen.Add((fact.Number, context.IsReplay)));
        await bus.PublishAsync(new Fact(1));
        await bus.PublishAsync(new Fact(2));
        await bus.WhenSettled();

        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await bus.WhenSettled();
        await bus.PublishAsync(new Fact(3));
        await bus.WhenSettled();

        Assert.Equal([(1, false), (2, false), (1, true), (2, true), (3, false)], seen);
    }

    [Fact]
    public async Task A_subscription_that_lags_catches_up_and_becomes_live()
    {
        var held = new HeldHandler();
        await using var bus = Bus((_, _) => { }, held, capacity: 4);
        for (var i = 0; i < 200; i++)
            await bus.PublishAsync(new Fact(i));
        await held.Entered;

        held.Open();
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, 200), _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task A_subscription_that_becomes_live_while_something_is_committed_misses_nothing()
    {
        const int Publishers = 4;
        const int Each = 5000;
        await using var bus = Bus(capacity: 2);

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
                await bus.PublishAsync(new Fact((publisher * Each) + i));
        })));
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(0, Publishers * Each), _handled.Select(static fact => fact.Number).Order());
    }

    [Fact]
    public async Task A_dead_letter_can_be_redriven_and_is_then_gone()
    {
        var failing = true;
        await using var bus = Bus(
            (_, _) =>
            {
                if (failing)
                    throw new DoNotRetryException("no");
            });
        await bus.PublishAsync(new Fact(1));
        await bus.WhenSettled();
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());

        failing = false;
        Assert.True(await bus.DeadLetters.RedriveAsync(letter.Id));
        await bus.WhenSettled();
        await bus.StopAsync();
        await bus.StartAsync();

        Assert.Empty(await bus.DeadLetters.ListAsync());
        Assert.Equal(2, _handled.Count);
        Assert.Empty(_log.ReadDeliveries("facts"));
    }

    [Fact]
    public async Task The_log_can_be_read()
    {
        await using var bus = Bus();
        await bus.PublishAsync(new Fact(1), new PublishOptions { CorrelationId = "c" });
        await bus.PublishAsync(new Fact(2));

        var all = await bus.EventLog.ReadAsync().CollectAsync();
        var one = await bus.EventLog.ReadAsync(new LogQuery { CorrelationId = "c" }).CollectAsync();

        Assert.Equal([new Fact(1), new Fact(2)], all.Select(static logged => logged.Event));
        Assert.Equal(1, Assert.Single(one).Sequence);
    }

    [Fact]
    public async Task One_that_began_paused_and_was_resumed_stays_so_through_a_stop_and_a_start()
    {
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .Handle<Fact>(
                (fact, _, _) =>
                {
                    _handled.Add(fact);
                    return default;
                },
                static s => s.Named("facts").Durable().StartPaused())
            .Build();
        await bus.PublishAsync(new Fact(1));
        await bus.WhenQuiet();
        Assert.Empty(_handled);
        bus.Subscriptions[0].Resume();
        await bus.WhenSettled();

        await bus.StopAsync();
        await bus.StartAsync();
        await bus.PublishAsync(new Fact(2));
        await bus.WhenSettled();

        Assert.Equal([1, 2], _handled.Select(static fact => fact.Number));
    }

    [Fact]
    public async Task An_event_whose_own_code_throws_when_it_is_written_down_is_refused_as_a_wrong_call()
    {
        await using var bus = new EventBusBuilder().UseEventLog(_log).Handle<Throwing>(static (_, _, _) => default, static s => s.Named("throwing").Durable()).Build();

        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await bus.PublishAsync(new Throwing()));

        Assert.IsType<NullReferenceException>(error.InnerException);
        Assert.Empty(_log.Read(0, 10));
    }

    [Fact]
    public async Task A_full_queue_tells_that_the_durable_subscriptions_have_the_event()
    {
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .Handle<Fact>(static (_, _, _) => default, static s => s.Named("durable").Durable())
            .Handle<Fact>(static (_, _, _) => default, static s => s.Named("queued").Capacity(1).WhenFull(QueueFullMode.Reject).StartPaused())
            .Build();
        await bus.PublishAsync(new Fact(1));

        var error = await Assert.ThrowsAsync<QueueFullException>(async () => await bus.PublishAsync(new Fact(2)));

        Assert.Equal(["queued"], error.RefusedBy);
        Assert.Equal(["durable"], error.AcceptedBy);
    }

    [Fact]
    public async Task The_same_id_is_stored_once()
    {
        await using var bus = Bus();

        await bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a" });
        await bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a" });
        await bus.WhenSettled();

        Assert.Single(_handled);
    }

    public void Dispose() => _log.Dispose();

    private static Func<Fact, EventContext, CancellationToken, ValueTask> Into(List<int> list) => (fact, _, _) =>
    {
        lock (list)
            list.Add(fact.Number);
        return default;
    };

    private IEventBus Bus(Action<Fact, EventContext>? handler = null, HeldHandler? held = null, RetryPolicy? retry = null, int? capacity = null, IEventLog? log = null) =>
        new EventBusBuilder()
            .UseEventLog(log ?? _log)
            .UseTimeProvider(_clock)
            .Handle<Fact>(
                async (fact, context, _) =>
                {
                    if (held is not null)
                        await held.HoldAsync();
                    lock (_handled)
                        _handled.Add(fact);
                    handler?.Invoke(fact, context);
                },
                s =>
                {
                    s.Named("facts").Durable();
                    if (retry is not null)
                        s.Retry(retry);
                    if (capacity is { } count)
                        s.Capacity(count);
                })
            .Build();

    internal sealed record Fact(int Number);

    internal sealed class Throwing
    {
        public string Text => throw new NullReferenceException();
    }
}
