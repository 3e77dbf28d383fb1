using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>A log that is well and refuses one change. Whose change it is, is told; nothing else is concerned.</summary>
public sealed class RefusedChangeTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly InMemoryEventLog _disk = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<(string Subscription, int Number)> _handled = [];
    private readonly FaultyLog _log;

    public RefusedChangeTests() => _log = new FaultyLog(_disk);

    [Theory]
    [InlineData(DeliveryMode.Queued, 1)]
    [InlineData(DeliveryMode.Durable, 1)]
    public async Task A_dead_letter_whose_text_is_refused_is_kept_without_it(DeliveryMode mode, int refusals)
    {
        var refused = 0;
        _log.Fault = (_, call) => call == "AddDeadLetter" && Interlocked.Increment(ref refused) <= refusals ? FaultyLog.Refusal() : null;
        await using var bus = Bus(s => s.In(mode), static (_, _) => throw new DoNotRetryException("no"));

        await bus.PublishAsync(1);
        await bus.WhenSettled();

        Assert.Equal(1, (int)Assert.Single(await bus.DeadLetters.ListAsync()).Event);
        Assert.Null(bus.EventLog.Failure);
    }

    [Fact]
    public async Task A_delivery_whose_state_is_refused_stops_its_own_subscription_alone_and_comes_again_after_the_next_start()
    {
        _log.Fault = static (_, call) => call == "SaveDelivery" ? FaultyLog.Refusal() : null;
        await using var bus = Bus(static s => s.Named("facts").Durable().Retry(RetryPolicy.Fixed(3, s_minute)), static (_, context) => context.Attempt == 1 ? throw new InvalidOperationException() : default);
        await bus.PublishAsync(1);
        await bus.WhenQuiet();

        await bus.PublishAsync(2);
        await bus.WhenQuiet();
        Assert.Equal([("others", 1), ("others", 2)], _handled);
        Assert.Null(bus.EventLog.Failure);
        await bus.StopAsync().AsTask().Soon();
        _log.Fault = static (_, _) => null;
        await bus.StartAsync();
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal([1, 2], _handled.Where(static one => one.Subscription == "facts").Select(static one => one.Number).Order());
    }

    [Theory]
    [InlineData("Append")]
    [InlineData("AddScheduled")]
    [InlineData("Claim")]
    [InlineData("MarkDeadLetter")]
    [InlineData("RemoveEvents")]
    public async Task An_operation_that_is_refused_fails_alone(string refused)
    {
        var refuses = false;
        _log.Fault = (_, call) => call == refused && Volatile.Read(ref refuses) ? FaultyLog.Refusal() : null;
        await using var bus = Bus(static s => s.Named("facts").Durable().Idempotent(), static (number, _) => number == 0 ? throw new DoNotRetryException("no") : default);
        await bus.PublishAsync(0);
        await bus.WhenSettled();
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        await bus.StopAsync().AsTask().Soon();
        await bus.StartAsync();
        Volatile.Write(ref refuses, true);

        var errors = new[]
        {
            await Record.ExceptionAsync(() => bus.PublishAsync(1).AsTask().Soon()),
            await Record.ExceptionAsync(() => bus.ScheduleAsync(3, s_minute).AsTask().Soon()),
            await Record.ExceptionAsync(() => bus.DeadLetters.RedriveAsync(letter.Id).AsTask().Soon()),
            await Record.ExceptionAsync(() => bus.EventLog.RetainAsync(new LogRetention { MaxEvents = 1 }).AsTask().Soon()),
        };
        await bus.WhenQuiet();
        Volatile.Write(ref refuses, false);
        await bus.PublishAsync(2);
        await bus.WhenQuiet();
        _clock.Advance(s_minute);
        await bus.WhenSettled();

        Assert.Equal(refused == "Claim" ? 0 : 1, errors.Count(static error => error is EventLogException { IsOfOneChange: true }));
        Assert.Null(bus.EventLog.Failure);
        Assert.Contains(("facts", 2), _handled);
        Assert.Contains(("others", 2), _handled);
    }

    public void Dispose() => _disk.Dispose();

    private IEventBus Bus(Action<SubscriptionBuilder<int>> configure, Func<int, EventContext, ValueTask> handler) => new EventBusBuilder()
        .UseEventLog(_log)
        .UseTimeProvider(_clock)
        .Handle<int>(
            async (number, context, _) =>
            {
                await handler(number, context);
                lock (_handled)
                    _handled.Add(("facts", number));
            },
            configure)
        .Handle<int>(
            (number, _, _) =>
            {
                lock (_handled)
                    _handled.Add(("others", number));
                return default;
            },
            static s => s.Named("others").Durable())
        .Build();
}
