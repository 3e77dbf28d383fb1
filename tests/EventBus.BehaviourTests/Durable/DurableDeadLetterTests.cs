using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

public sealed class DurableDeadLetterTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _handled = [];

    [Fact]
    public async Task A_delivery_is_not_settled_before_its_dead_letter_is_committed()
    {
        IEventBus bus = null!;
        var (buries, settledTooSoon) = (false, false);
        using var disk = new InMemoryEventLog();
        var log = new FaultyLog(disk);
        log.Fault = (_, call) =>
        {
            buries |= call == "AddDeadLetter";
            settledTooSoon |= buries && call == "Commit" && bus.IsSettled();
            return null;
        };
        await using (bus = new EventBusBuilder().UseEventLog(log).Handle<int>(static (_, _, _) => throw new DoNotRetryException("no"), static s => s.Named("facts").Durable()).Build())
        {
            await bus.PublishAsync(1);
            await bus.WhenSettled();
        }

        Assert.True(buries);
        Assert.False(settledTooSoon);
    }

    [Fact]
    public async Task A_redrive_that_a_crash_interrupts_is_done_after_the_restart()
    {
        var held = new HeldHandler();
        var dead = Bus((_, context, _) => context.Attempt == 1 && Volatile.Read(ref held) is null ? throw new DoNotRetryException("no") : held?.HoldAsync() ?? default);
        await Redriven(dead, held);

        await using var bus = Bus(log: _log.Share());
        await bus.StartAsync();
        await bus.WhenSettled();

        Assert.Equal([1], _handled);
        Assert.Empty(await bus.DeadLetters.ListAsync());
        await bus.StopAsync().AsTask().Soon();
        Assert.Empty(_log.ReadDeliveries("facts"));
        Assert.Equal(0, _log.ReadStatistics().DeadLetters);
        held.Open();
        await dead.StopAsync(TimeSpan.Zero);

        async Task Redriven(IEventBus on, HeldHandler hold)
        {
            held = null;
            await on.PublishAsync(1);
            await on.WhenSettled();
            var letter = Assert.Single(await on.DeadLetters.ListAsync());
            held = hold;
            Assert.True(await on.DeadLetters.RedriveAsync(letter.Id));
            await hold.Entered;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_redriven_letter_that_dies_again_is_one_letter_with_its_attempts_counted_anew(bool restarts)
    {
        var attempts = new List<int>();
        await using var bus = Bus(
            (_, context, _) =>
            {
                attempts.Add(context.Attempt);
                throw new InvalidOperationException();
            },
            static s => s.Retry(RetryPolicy.Fixed(2, s_minute)));
        await bus.PublishAsync(1);
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();
        var first = Assert.Single(await bus.DeadLetters.ListAsync());

        Assert.True(await bus.DeadLetters.RedriveAsync(first.Id));
        await bus.WhenQuiet();
        if (restarts)
        {
            await bus.StopAsync().AsTask().Soon();
            await bus.StartAsync();
        }

        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([1, 2, 1, 2], attempts);
        var second = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal((1, 2, first.Metadata.Sequence), ((int)second.Event, second.Attempts, second.Metadata.Sequence));
        Assert.Equal(1, _log.ReadStatistics().DeadLetters);
    }

    [Fact]
    public async Task Of_two_redrives_at_once_one_has_the_letter()
    {
        var failing = true;
        await using var bus = Bus((_, _, _) => Volatile.Read(ref failing) ? throw new DoNotRetryException("no") : default);
        for (var number = 0; number < 50; number++)
            await bus.PublishAsync(number);
        await bus.WhenSettled();
        failing = false;

        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await bus.DeadLetters.RedriveAsync(new DeadLetterQuery()))));
        await bus.WhenSettled();

        Assert.Equal(50, counts.Sum());
        Assert.Equal(Enumerable.Range(0, 50), _handled.Order());
        Assert.Equal(0, await bus.DeadLetters.CountAsync());
    }

    [Fact]
    public async Task A_redriven_letter_waits_behind_what_waits_of_its_key()
    {
        var attempts = new List<(int Number, int Attempt)>();
        var failing = true;
        await using var bus = Bus(
            (number, context, _) =>
            {
                attempts.Add((number, context.Attempt));
                return number switch
                {
                    1 when Volatile.Read(ref failing) => throw new DoNotRetryException("no"),
                    2 when context.Attempt == 1 => throw new InvalidOperationException(),
                    _ => default,
                };
            },
            static s => s.OrderedBy(static _ => "key").Retry(RetryPolicy.Fixed(2, s_minute)));
        await bus.PublishAsync(1);
        await bus.WhenSettled();
        Volatile.Write(ref failing, false);
        await bus.PublishAsync(2);
        await bus.WhenQuiet();

        Assert.True(await bus.DeadLetters.RedriveAsync(Assert.Single(await bus.DeadLetters.ListAsync()).Id));
        await bus.PublishAsync(3);
        await bus.WhenQuiet();
        Assert.Equal([(1, 1), (2, 1)], attempts);
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([(1, 1), (2, 1), (2, 2), (1, 1), (3, 1)], attempts);
    }

    [Fact]
    public async Task Dead_letters_are_listed_page_by_page()
    {
        await using var bus = Bus(static (_, _, _) => throw new DoNotRetryException("no"));
        for (var number = 0; number < 250; number++)
            await bus.PublishAsync(number);
        await bus.WhenSettled();

        var pages = new List<int>();
        var listed = new List<int>();
        for (var after = 0L; await bus.DeadLetters.ListAsync(afterId: after, count: 60) is { Count: > 0 } page; after = page[^1].Id)
        {
            pages.Add(page.Count);
            listed.AddRange(page.Select(static letter => (int)letter.Event));
        }

        Assert.Equal([60, 60, 60, 60, 10], pages);
        Assert.Equal(Enumerable.Range(0, 250), listed);
        Assert.Equal(Enumerable.Range(0, 250), (await bus.DeadLetters.AllAsync().CollectAsync()).Select(static letter => (int)letter.Event));
    }

    [Fact]
    public async Task A_dead_letter_survives_the_event_that_retention_removes()
    {
        await using var bus = Bus((number, context, _) => number == 1 && Assert.IsType<int>(context.Attempt) == 1 && _handled.Count == 0 ? throw new DoNotRetryException("no") : default);
        await bus.PublishAsync(1);
        await bus.PublishAsync(2);
        await bus.WhenSettled();
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();

        Assert.Equal(1, await bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 }));
        Assert.True(await bus.DeadLetters.RedriveAsync(Assert.Single(await bus.DeadLetters.ListAsync()).Id));
        await bus.WhenSettled();

        Assert.Equal([2, 1], _handled);
    }

    [Fact]
    public async Task A_letter_and_its_delivery_are_never_both_there_or_both_gone()
    {
        // The transaction that moves it fails at each of its calls in turn.
        foreach (var failing in new[] { "Begin", "AddDeadLetter", "RemoveDelivery", "SavePosition", "Commit" })
        {
            using var inner = new InMemoryEventLog();
            var log = new FaultyLog(inner);
            var failed = false;
            var dead = Bus(
                (_, _, _) =>
                {
                    log.Fault = (_, call) => call == failing ? log.LosePower() : null;
                    failed = true;
                    throw new DoNotRetryException("no");
                },
                log: log);
            await dead.PublishAsync(1);
            await dead.StopAsync().AsTask().Soon();
            Assert.True(failed);

            await using var bus = Bus(static (_, _, _) => throw new DoNotRetryException("no"), log: inner.Share());
            await bus.StartAsync();
            await bus.WhenSettled();

            Assert.Single(await bus.DeadLetters.ListAsync());
            Assert.Empty(inner.ReadDeliveries("facts"));
        }
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(Func<int, EventContext, CancellationToken, ValueTask>? handler = null, Action<SubscriptionBuilder<int>>? configure = null, IEventLog? log = null) =>
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
                    s.Named("facts").Durable();
                    configure?.Invoke(s);
                })
            .Build();
}
