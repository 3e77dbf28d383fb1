using System.Collections.Concurrent;
using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

/// <summary>Code of the application that reads or compares keys may throw at any call. It harms the event that it was asked about, and no other.</summary>
public sealed class UnwillingKeyTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly ConcurrentDictionary<string, int> _attempts = new();
    private readonly ConcurrentQueue<string> _handled = new();

    [Theory]
    [InlineData(DeliveryMode.Queued, 1)]
    [InlineData(DeliveryMode.Queued, 4)]
    [InlineData(DeliveryMode.Durable, 1)]
    [InlineData(DeliveryMode.Durable, 4)]
    public async Task A_key_that_can_be_read_once_only_keeps_its_order_through_retries(DeliveryMode mode, int concurrency)
    {
        await using var bus = Builder(mode)
            .Handle<string>((fact, _, _) => FailOnceAsync(fact), s => s.In(mode).OrderedBy(Once).Concurrency(concurrency).Retry(RetryPolicy.Fixed(3, s_minute)))
            .Build();

        await bus.PublishManyAsync(["a1", "a2", "b1", "a3", "b2"]);
        await bus.WhenQuiet();
        for (var turn = 0; turn < 6; turn++)
        {
            _clock.Advance(s_minute);
            await bus.WhenQuiet();
        }

        await bus.WhenSettled();
        Assert.Equal(["a1", "a2", "a3"], _handled.Where(static fact => fact[0] == 'a'));
        Assert.Equal(["b1", "b2"], _handled.Where(static fact => fact[0] == 'b'));
        Assert.Equal(0, await bus.DeadLetters.CountAsync());
    }

    [Theory]
    [InlineData(DeliveryMode.Queued)]
    [InlineData(DeliveryMode.Durable)]
    public async Task An_events_own_key_that_can_be_read_once_only_does_not_end_the_worker_that_buries_it(DeliveryMode mode)
    {
        await using var bus = Builder(mode)
            .AddEvent<string>(e => e.Key(Once))
            .Handle<string>((fact, _, _) => RefuseFirstAsync(fact), s => s.In(mode))
            .Build();

        await bus.PublishManyAsync(["a1", "b1"]);
        await bus.WhenSettled();

        Assert.Equal(["b1"], _handled);
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());
        Assert.Equal("a1", letter.Event);
        Assert.Equal(DeadLetterReason.RefusedByHandler, letter.Reason);

        ValueTask RefuseFirstAsync(string fact)
        {
            if (fact == "a1")
                throw new DoNotRetryException();
            _handled.Enqueue(fact);
            return default;
        }
    }

    [Fact]
    public async Task A_durable_event_whose_own_key_cannot_be_read_at_all_is_a_dead_letter_and_the_log_goes_on()
    {
        await using var bus = Builder(DeliveryMode.Durable)
            .AddEvent<string>(static e => e.Key(static fact => fact == "a1" ? throw new InvalidOperationException("no key") : fact))
            .Handle<string>((fact, _, _) => Handled(fact), static s => s.In(DeliveryMode.Durable))
            .Build();

        await bus.PublishAsync("a1");
        await bus.PublishAsync("b1");
        await bus.WhenSettled();

        Assert.Equal(["b1"], _handled);
        Assert.Equal("a1", Assert.Single(await bus.DeadLetters.ListAsync()).Event);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_publisher_whose_events_key_cannot_be_read_again_while_it_waits_for_room_is_told_so(int readable)
    {
        var held = new HeldHandler();
        await using var bus = Builder(DeliveryMode.Queued)
            .Handle<string>((_, _, _) => held.HoldAsync(), s => s.Named("full").OrderedBy(fact => Readable(fact, fact == "c" ? readable - 1 : int.MaxValue)).Capacity(1))
            .Handle<string>((fact, _, _) => Handled(fact), static s => s.Named("other"))
            .Build();
        await bus.PublishAsync("a");
        await held.Entered.Soon();
        await bus.PublishAsync("b");

        var error = await Assert.ThrowsAsync<PublishException>(() => bus.PublishAsync("c").AsTask().Soon());
        held.Open();
        await bus.WhenSettled();

        Assert.Contains("key of event", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], _handled);
    }

    [Fact]
    public async Task Events_whose_keys_cannot_be_compared_are_all_handled()
    {
        var held = new HeldHandler();
        await using var bus = Builder(DeliveryMode.Queued)
            .Handle<string>(
                async (fact, _, _) =>
                {
                    await held.HoldAsync();
                    _handled.Enqueue(fact);
                },
                static s => s.OrderedBy(static fact => new Incomparable()).Concurrency(2).Capacity(2).MaxPerKey(1))
            .Build();

        var publishes = Enumerable.Range(0, 12).Select(number => bus.PublishAsync($"{number}").AsTask()).ToArray();
        await held.Entered.Soon();
        held.Open();
        await Task.WhenAll(publishes).Soon();
        await bus.WhenSettled();

        Assert.Equal(12, _handled.Count);
    }

    private EventBusBuilder Builder(DeliveryMode mode) => new EventBusBuilder().UseTimeProvider(_clock).In(mode);

    private ValueTask FailOnceAsync(string fact)
    {
        if (_attempts.AddOrUpdate(fact, 1, static (_, attempts) => attempts + 1) == 1)
            throw new InvalidOperationException("fails once");
        _handled.Enqueue(fact);
        return default;
    }

    private ValueTask Handled(string fact)
    {
        _handled.Enqueue(fact);
        return default;
    }

    private string Once(string fact) => Readable(fact, 1);

    private string Readable(string fact, int times) =>
        _asked.AddOrUpdate(fact, 1, static (_, asked) => asked + 1) <= times ? fact[..1] : throw new InvalidOperationException("asked again");

    private sealed class Incomparable
    {
        public override bool Equals(object? obj) => throw new InvalidOperationException("not comparable");

        public override int GetHashCode() => 7;
    }
}
