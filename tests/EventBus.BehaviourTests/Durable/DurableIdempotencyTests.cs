using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

public sealed class DurableIdempotencyTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<(int Number, bool IsReplay)> _handled = [];

    [Fact]
    public async Task While_a_store_of_the_applications_own_is_down_deliveries_wait_and_the_handler_is_not_called()
    {
        var store = new FailingStore { IsDown = true };
        await using var bus = Bus(builder => builder.UseIdempotencyStore(store));
        await bus.PublishAsync(1);
        await bus.WhenQuiet();
        _clock.Advance(TimeSpan.FromSeconds(30));
        await bus.WhenQuiet();
        Assert.Empty(_handled);

        store.IsDown = false;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Equal([(1, false)], _handled);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.Retried);
        Assert.Empty(await bus.DeadLetters.ListAsync());
    }

    [Fact]
    public async Task While_the_log_takes_no_claims_deliveries_wait_and_the_handler_is_not_called()
    {
        var log = new FaultyLog(_log) { Fault = static (_, call) => call == "Claim" ? FaultyLog.Transient() : null };
        await using var bus = Bus(log: log);
        await bus.PublishAsync(1);
        await bus.WhenQuiet();
        Assert.Empty(_handled);

        log.Fault = static (_, _) => null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await bus.WhenSettled();

        Assert.Equal([(1, false)], _handled);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.Retried);
    }

    [Fact]
    public async Task A_claim_that_is_won_after_its_attempt_has_given_up_waiting_is_nobodys_and_the_next_attempt_takes_it()
    {
        var commit = new HeldHandler();
        var (claims, holds) = (false, true);
        var log = new FaultyLog(_log);
        log.Fault = (_, call) =>
        {
            claims |= call == "Claim";
            if (call == "Commit" && claims && Volatile.Read(ref holds))
                commit.HoldAsync().AsTask().GetAwaiter().GetResult();
            return null;
        };
        await using var bus = Bus(log: log, also: static s => s.Timeout(TimeSpan.FromSeconds(2)));
        await bus.PublishAsync(1);
        await commit.Entered;

        _clock.Advance(TimeSpan.FromSeconds(2));
        await bus.WhenQuiet();
        Volatile.Write(ref holds, false);
        commit.Open();
        // Much less than a lease.
        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();

        Assert.Equal([(1, false)], _handled);
        Assert.Equal(0, bus.Subscriptions[0].Statistics.Duplicates);
    }

    [Fact]
    public async Task A_claim_that_could_not_be_given_back_is_nobodys_and_the_retry_takes_it()
    {
        var fails = true;
        var log = new FaultyLog(_log) { Fault = (_, call) => call == "ReleaseClaim" && Volatile.Read(ref fails) ? FaultyLog.Transient() : null };
        await using var bus = Bus(log: log, also: static s => s.Retry(RetryPolicy.Fixed(2, TimeSpan.FromSeconds(1))), handler: static context =>
        {
            if (context.Attempt == 1)
                throw new InvalidOperationException();
        });
        await bus.PublishAsync(1);
        await bus.WhenQuiet();
        Volatile.Write(ref fails, false);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();

        Assert.Equal([(1, false)], _handled);
    }

    [Fact]
    public async Task A_store_that_is_down_over_a_restart_loses_nothing_and_doubles_nothing()
    {
        var store = new FailingStore { IsDown = true };
        await using (var bus = Bus(builder => builder.UseIdempotencyStore(store)))
        {
            await bus.PublishAsync(1);
            await bus.WhenQuiet();
            await bus.StopAsync().AsTask().Soon();
        }

        store.IsDown = false;
        _clock.Advance(TimeSpan.FromMinutes(1));
        await using var another = Bus(builder => builder.UseIdempotencyStore(store));
        await another.PublishAsync(2);
        await another.WhenSettled();

        Assert.Equal([(1, false), (2, false)], _handled.Order());
    }

    [Fact]
    public async Task A_replay_is_apart_from_what_is_recognised_live_before_and_after_it()
    {
        await using var bus = Bus(key: static number => $"{number % 10}");
        await bus.PublishAsync(1);
        await bus.WhenSettled();

        await bus.EventLog.ReplayAsync("facts", LogPosition.Earliest);
        await bus.WhenSettled();
        await bus.PublishAsync(11);
        await bus.PublishAsync(12);
        await bus.WhenSettled();

        Assert.Equal([(1, false), (1, true), (12, false)], _handled);
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Duplicates);
    }

    public void Dispose() => _log.Dispose();

    private IEventBus Bus(Action<EventBusBuilder>? configure = null, IEventLog? log = null, Func<int, string>? key = null, Action<SubscriptionBuilder<int>>? also = null, Action<EventContext>? handler = null)
    {
        var builder = new EventBusBuilder().UseEventLog(log ?? _log).UseTimeProvider(_clock);
        configure?.Invoke(builder);
        return builder
            .Handle<int>(
                (number, context, _) =>
                {
                    handler?.Invoke(context);
                    lock (_handled)
                        _handled.Add((number, context.IsReplay));
                    return default;
                },
                s =>
                {
                    s.Named("facts").Durable();
                    also?.Invoke(s);
                    if (key is null)
                        s.Idempotent();
                    else
                        s.Idempotent(key);
                })
            .Build();
    }
}
