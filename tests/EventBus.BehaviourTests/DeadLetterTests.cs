using EventBus.BehaviourTests.Support;
using EventBus.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventBus.BehaviourTests;

public sealed class DeadLetterTests
{
    [Fact]
    public async Task Dead_letter_keeps_the_event_its_attributes_and_the_reason()
    {
        var clock = new FakeTimeProvider();
        await using var bus = Failing(new EventBusBuilder().UseTimeProvider(clock)).Build();

        await bus.PublishAsync("fact", new PublishOptions { Id = "id-1", Key = "key" });
        await bus.WhenSettled();
        var letter = Assert.Single(await bus.DeadLetters.ListAsync());

        Assert.Equal("fact", letter.Event);
        Assert.Equal("id-1", letter.Metadata.Id);
        Assert.Equal("key", letter.Metadata.Key);
        Assert.Equal("failing", letter.Subscription);
        Assert.Equal(2, letter.Attempts);
        Assert.Equal(DeadLetterReason.MaxAttemptsExceeded, letter.Reason);
        Assert.Equal(typeof(InvalidOperationException).FullName, letter.ExceptionType);
        Assert.Equal("broken", letter.Description);
        Assert.Equal(clock.GetUtcNow(), letter.LastAttemptTime);
    }

    [Fact]
    public async Task Dead_letters_are_listed_in_pages_and_purged_by_query()
    {
        await using var bus = Failing(new EventBusBuilder()).Build();
        await bus.PublishManyAsync(["a", "b", "c"]);
        await bus.WhenSettled();

        var first = await bus.DeadLetters.ListAsync(count: 2);
        var second = await bus.DeadLetters.ListAsync(afterId: first[^1].Id, count: 2);
        var purged = await bus.DeadLetters.PurgeAsync(new DeadLetterQuery { Subscription = "failing" });

        Assert.Equal(["a", "b"], first.Select(static letter => letter.Event));
        Assert.Equal(["c"], second.Select(static letter => letter.Event));
        Assert.Equal(3, purged);
        Assert.Equal(0, await bus.DeadLetters.CountAsync());
    }

    [Fact]
    public async Task Redriven_dead_letters_go_to_their_own_subscription_only()
    {
        var isBroken = true;
        var redriven = new List<string>();
        var other = 0;
        await using var bus = new EventBusBuilder()
            .Handle<string>(
                (@event, _, _) =>
                {
                    if (Volatile.Read(ref isBroken))
                        throw new DoNotRetryException("broken");
                    redriven.Add(@event);
                    return default;
                },
                s => s.Named("failing"))
            .Handle<string>((_, _, _) =>
            {
                Interlocked.Increment(ref other);
                return default;
            })
            .Build();
        await bus.PublishManyAsync(["a", "b", "c"]);
        await bus.WhenSettled();
        Volatile.Write(ref isBroken, false);
        var letters = await bus.DeadLetters.ListAsync();

        Assert.True(await bus.DeadLetters.RedriveAsync(letters[1].Id));
        Assert.False(await bus.DeadLetters.RedriveAsync(letters[1].Id));
        await bus.WhenSettled();
        Assert.Equal(2, await bus.DeadLetters.RedriveAsync(new DeadLetterQuery { Subscription = "failing" }));
        await bus.WhenSettled();

        Assert.Equal(["b", "a", "c"], redriven);
        Assert.Equal(3, other);
        Assert.Equal(0, await bus.DeadLetters.CountAsync());
    }

    [Fact]
    public async Task Alert_gets_each_dead_letter_and_its_failure_harms_nothing()
    {
        var alerted = new List<object>();
        var builder = new EventBusBuilder().OnDeadLetter((letter, _) =>
        {
            alerted.Add(letter.Event);
            throw new InvalidOperationException("alert");
        });
        await using var bus = Failing(builder).Build();

        await bus.PublishManyAsync(["a", "b"]);
        await bus.WhenSettled();

        Assert.Equal(["a", "b"], alerted);
        Assert.Equal(2, await bus.DeadLetters.CountAsync());
    }

    [Fact]
    public async Task Full_store_evicts_the_oldest_dead_letter()
    {
        await using var bus = Failing(new EventBusBuilder().UseDeadLetterStore(new InMemoryDeadLetterStore(1))).Build();

        await bus.PublishManyAsync(["a", "b"]);
        await bus.WhenSettled();

        Assert.Equal("b", Assert.Single(await bus.DeadLetters.ListAsync()).Event);
        Assert.Equal(2, bus.Subscriptions[0].Statistics.DeadLettered);
    }

    private static EventBusBuilder Failing(EventBusBuilder builder) => builder.Handle<string>(
        static (_, _, _) => throw new InvalidOperationException("broken"),
        static s => s.Named("failing").Retry(RetryPolicy.Immediate(2)).StrictlyOrdered());
}
