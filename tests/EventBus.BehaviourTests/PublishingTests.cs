using EventBus.BehaviourTests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class PublishingTests
{
    private interface IFact;

    private sealed record Fact(int Number) : IFact;

    private readonly record struct Reading(int Value) : IFact;

    [Fact]
    public async Task Options_of_a_publish_are_seen_in_the_context()
    {
        EventMetadata? seen = null;
        await using var bus = new EventBusBuilder()
            .Handle<Fact>((_, context, _) =>
            {
                seen = context.Capture();
                return default;
            })
            .Build();

        await bus.PublishAsync(new Fact(1), new PublishOptions
        {
            Id = "id-1",
            Key = "key",
            Subject = "subject",
            Source = "source",
            CorrelationId = "correlation",
            CausationId = "cause",
            Headers = new Dictionary<string, string> { ["name"] = "value" },
        });
        await bus.WhenSettled();

        Assert.NotNull(seen);
        Assert.Equal("id-1", seen.Id);
        Assert.Equal("key", seen.Key);
        Assert.Equal("subject", seen.Subject);
        Assert.Equal("source", seen.Source);
        Assert.Equal("correlation", seen.CorrelationId);
        Assert.Equal("cause", seen.CausationId);
        Assert.Equal("value", seen.Headers["name"]);
    }

    [Fact]
    public async Task Many_events_are_delivered_in_their_order()
    {
        var handled = new List<int>();
        await using var bus = new EventBusBuilder().Handle<Fact>(Add).Build();

        await bus.PublishManyAsync([new Fact(1), new Fact(2), new Fact(3)]);
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3], handled);

        ValueTask Add(Fact @event, EventContext context, CancellationToken cancellationToken)
        {
            handled.Add(@event.Number);
            return default;
        }
    }

    [Fact]
    public async Task Event_published_as_object_or_as_an_interface_is_routed_by_its_own_type()
    {
        var handled = new List<int>();
        await using var bus = new EventBusBuilder()
            .Handle<Fact>((@event, _, _) =>
            {
                handled.Add(@event.Number);
                return default;
            })
            .Build();

        await bus.PublishAsync<object>(new Fact(1));
        await bus.PublishAsync<IFact>(new Fact(2));
        await bus.For<IFact>().PublishAsync(new Fact(3));
        await bus.For<Fact>().PublishAsync(new Fact(4));
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3, 4], handled);
    }

    [Fact]
    public async Task Struct_event_reaches_subscriptions_to_its_type_and_to_its_base_types_once()
    {
        var handled = new List<string>();
        await using var bus = new EventBusBuilder()
            .Handle<Reading>((@event, _, _) => Add($"exact {@event.Value}"), s => s.Inline())
            .Handle<IFact>((@event, _, _) => Add($"interface {((Reading)@event).Value}"), s => s.Inline())
            .Handle<object>((@event, _, _) => Add($"object {((Reading)@event).Value}"), s => s.Inline())
            .Build();

        await bus.PublishAsync(new Reading(7));

        Assert.Equal(["exact 7", "interface 7", "object 7"], handled);

        ValueTask Add(string line)
        {
            handled.Add(line);
            return default;
        }
    }

    [Fact]
    public async Task Every_subscriber_sees_the_same_id_and_later_events_have_greater_ids()
    {
        var clock = new FakeTimeProvider();
        var ids = new List<string>();
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<Fact>(Add, s => s.Inline())
            .Handle<Fact>(Add, s => s.Inline())
            .Build();

        await bus.PublishAsync(new Fact(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        await bus.PublishAsync(new Fact(2));

        Assert.Equal(4, ids.Count);
        Assert.Equal(ids[0], ids[1]);
        Assert.Equal(ids[2], ids[3]);
        Assert.True(string.CompareOrdinal(ids[0], ids[2]) < 0);

        ValueTask Add(Fact @event, EventContext context, CancellationToken cancellationToken)
        {
            ids.Add(context.Id);
            return default;
        }
    }

    [Fact]
    public async Task Event_published_through_the_context_knows_its_cause_and_through_the_root_publisher_knows_none()
    {
        EventMetadata? first = null;
        var followers = new Dictionary<string, EventMetadata>();
        IEventBus? root = null;
        await using var bus = new EventBusBuilder()
            .Handle<Fact>(async (_, context, token) =>
            {
                first = context.Capture();
                await context.Publisher.PublishAsync("context", token);
                await root!.PublishAsync("root", token);
            })
            .Handle<string>((@event, context, _) =>
            {
                followers[@event] = context.Capture();
                return default;
            })
            .Build();
        root = bus;

        await bus.PublishAsync(new Fact(1));
        await bus.WhenSettled();

        Assert.NotNull(first);
        Assert.Equal(first.Id, followers["context"].CausationId);
        Assert.Equal(first.CorrelationId, followers["context"].CorrelationId);
        Assert.Null(followers["root"].CausationId);
        Assert.NotEqual(first.CorrelationId, followers["root"].CorrelationId);
    }

    [Fact]
    public async Task Event_whose_publish_was_cancelled_before_the_call_reaches_nobody()
    {
        var handled = 0;
        await using var bus = new EventBusBuilder()
            .Handle<Fact>((_, _, _) => Count())
            .Handle<Fact>((_, _, _) => Count(), s => s.Inline())
            .Build();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await bus.PublishAsync(new Fact(1), new CancellationToken(canceled: true)));
        await bus.WhenSettled();

        Assert.Equal(0, handled);

        ValueTask Count()
        {
            Interlocked.Increment(ref handled);
            return default;
        }
    }

    [Fact]
    public async Task Nothing_of_a_batch_with_a_null_or_with_one_id_for_several_is_published()
    {
        var handled = 0;
        await using var bus = new EventBusBuilder()
            .Handle<Fact>((_, _, _) =>
            {
                handled++;
                return default;
            })
            .Build();

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await bus.PublishManyAsync([new Fact(1), null!]));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await bus.PublishManyAsync([new Fact(1), new Fact(2)], new PublishOptions { Id = "one" }));
        await bus.WhenSettled();

        Assert.Equal(0, handled);
    }

    [Fact]
    public async Task Batch_names_the_indexes_of_the_events_that_were_not_accepted()
    {
        await using var bus = new EventBusBuilder()
            .Handle<Fact>(static (_, _, _) => default, s => s.Capacity(1).WhenFull(QueueFullMode.Reject).StartPaused())
            .Build();

        var error = await Assert.ThrowsAsync<PublishManyException>(
            async () => await bus.PublishManyAsync([new Fact(1), new Fact(2), new Fact(3)]));

        Assert.Equal([1, 2], error.Failures.Keys.Order());
        Assert.All(error.Failures.Values, static failure => Assert.IsType<QueueFullException>(failure));
        Assert.Equal(1, bus.Subscriptions[0].Statistics.Accepted);
    }

    [Fact]
    public async Task Published_task_or_unsubscribed_collection_is_refused_with_the_hint()
    {
        await using var bus = new EventBusBuilder().Build();

        var task = await Assert.ThrowsAnyAsync<ArgumentException>(async () => await bus.PublishAsync(Task.CompletedTask));
        var list = await Assert.ThrowsAnyAsync<ArgumentException>(async () => await bus.PublishAsync(new List<Fact>()));

        Assert.Contains("await", task.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("PublishManyAsync", list.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_older_than_its_time_to_live_expires_instead_of_being_handled()
    {
        var clock = new FakeTimeProvider();
        var handled = 0;
        await using var bus = new EventBusBuilder()
            .UseTimeProvider(clock)
            .Handle<Fact>(
                (_, _, _) =>
                {
                    handled++;
                    return default;
                },
                s => s.StartPaused())
            .Build();
        var subscription = bus.Subscriptions[0];
        await bus.PublishAsync(new Fact(1), new PublishOptions { TimeToLive = TimeSpan.FromSeconds(5) });

        clock.Advance(TimeSpan.FromSeconds(6));
        subscription.Resume();
        await bus.WhenSettled();

        Assert.Equal(0, handled);
        Assert.Equal(1, subscription.Statistics.Expired);
    }
}
