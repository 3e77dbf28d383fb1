using System.Buffers;
using System.Text.Json;
using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests.Durable;

/// <summary>Logged events and the queues: what the log has, queued and inline subscriptions get once, in the order of the log, and before anything that follows from it.</summary>
public sealed class PlacementTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _queued = [];
    private readonly List<int> _inline = [];

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_durable_handler_publishes_comes_to_a_queued_subscription_behind_its_cause(bool isEffectLogged)
    {
        const int orders = 300;
        var seen = new List<(int Number, bool IsEffect)>();
        await using var bus = new EventBusBuilder()
            .UseEventLog(_log)
            .AddEvent<Effect>(e => _ = isEffectLogged ? e.Logged() : e)
            .Handle<Fact>(static (fact, context, token) => context.Publisher.PublishAsync(new Effect(fact.Number), token), static s => s.Named("durable").Durable().Concurrency(4))
            .Handle<IOfOrder>(
                (one, _, _) =>
                {
                    lock (seen)
                        seen.Add((one.Number, one is Effect));
                    return default;
                },
                static s => s.Named("projection").OrderedBy(static one => one.Number).Concurrency(2))
            .Build();

        for (var number = 0; number < orders; number++)
            await bus.PublishAsync(new Fact(number));
        await bus.WhenSettled();

        Assert.Equal(2 * orders, seen.Count);
        foreach (var order in seen.GroupBy(static one => one.Number))
            Assert.Equal([false, true], order.Select(static one => one.IsEffect));
    }

    [Fact]
    public async Task Queued_and_inline_subscriptions_get_an_id_that_the_log_has_no_second_time()
    {
        await using var bus = Bus();

        await bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a" });
        await bus.PublishAsync(new Fact(1), new PublishOptions { Id = "a" });
        await bus.PublishManyAsync([new Fact(1)], new PublishOptions { Id = "a" });
        await bus.ScheduleAsync(new Fact(1), TimeSpan.FromHours(1), new PublishOptions { Id = "a" });
        _clock.Advance(TimeSpan.FromHours(1));
        await bus.WhenSettled();

        Assert.Equal([1], _queued);
        Assert.Equal([1], _inline);
        Assert.Single(_log.Read(0, 10));
    }

    [Fact]
    public async Task A_publish_that_was_cancelled_in_its_commit_reaches_the_queues_as_it_reaches_the_log_and_misses_a_full_one()
    {
        using var cancellation = new CancellationTokenSource();
        var held = new HeldHandler();
        var log = new FaultyLog(_log);
        await using var bus = Bus(log, builder => builder.Handle<Fact>((_, _, _) => held.HoldAsync(), static s => s.Named("full").Capacity(1)));
        await bus.PublishAsync(new Fact(1));
        await held.Entered;
        await bus.PublishAsync(new Fact(2));
        log.Fault = (_, call) =>
        {
            if (call == "Append")
                cancellation.Cancel();
            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bus.PublishAsync(new Fact(3), cancellation.Token).AsTask().Soon());
        held.Open();
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3], _queued);
        Assert.Equal([1, 2], _inline);
        var full = bus.Subscriptions.Single(static subscription => subscription.Name == "full").Statistics;
        Assert.Equal((2, 1), (full.Handled, full.Missed));
        Assert.Equal(3, _log.Read(0, 10).Count);
    }

    [Fact]
    public async Task Events_that_are_due_while_the_log_is_locked_come_to_queued_and_inline_subscriptions_too()
    {
        const int count = 20;
        // The first goes to the writer alone, and finds the log locked. The others are committed after that, and before the first is tried again.
        var isTried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isDue = false;
        var log = new FaultyLog(_log)
        {
            Fault = (_, call) => Volatile.Read(ref isDue) && call == "RemoveScheduled" && isTried.TrySetResult() ? FaultyLog.Transient() : null,
        };
        var serializer = new GatedSerializer(isTried.Task);
        await using var bus = Bus(log, builder => builder.UseSerializer(serializer));
        for (var number = 1; number <= count; number++)
            await bus.ScheduleAsync(new Fact(number), TimeSpan.FromHours(1) + TimeSpan.FromTicks(number));
        Volatile.Write(ref isDue, true);

        _clock.Advance(TimeSpan.FromHours(2));
        await bus.WhenQuiet();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await bus.WhenSettled();

        Assert.Equal(Enumerable.Range(1, count), _queued.Order());
        Assert.Equal(Enumerable.Range(1, count), _inline.Order());
        Assert.Equal(count, bus.Subscriptions.Single(static subscription => subscription.Name == "durable").Statistics.Handled);
        Assert.Empty(_log.ReadScheduled(10));
    }

    private IEventBus Bus(IEventLog? log = null, Action<EventBusBuilder>? more = null)
    {
        var builder = new EventBusBuilder()
            .UseEventLog(log ?? _log)
            .UseTimeProvider(_clock)
            .Handle<Fact>(static (_, _, _) => default, static s => s.Named("durable").Durable())
            .Handle<Fact>(
                (fact, _, _) =>
                {
                    _queued.Add(fact.Number);
                    return default;
                },
                static s => s.Named("queued"))
            .Handle<Fact>(
                (fact, _, _) =>
                {
                    _inline.Add(fact.Number);
                    return default;
                },
                static s => s.Named("inline").Inline());
        more?.Invoke(builder);
        return builder.Build();
    }

    internal interface IOfOrder
    {
        int Number { get; }
    }

    internal sealed record Fact(int Number) : IOfOrder;

    internal sealed record Effect(int Number) : IOfOrder;

    /// <summary>Reads no event but the first until it is told to.</summary>
    private sealed class GatedSerializer(Task gate) : IEventSerializer
    {
        public bool CanSerialize(Type eventType, out string reason)
        {
            reason = "";
            return true;
        }

        public void Serialize(object @event, Type eventType, IBufferWriter<byte> body)
        {
            using var writer = new Utf8JsonWriter(body);
            JsonSerializer.Serialize(writer, @event, eventType);
        }

        public object Deserialize(ReadOnlySpan<byte> body, Type eventType)
        {
            var @event = JsonSerializer.Deserialize(body, eventType)!;
            if (@event is Fact { Number: 2 })
                gate.Soon().GetAwaiter().GetResult();
            return @event;
        }
    }
}
