using EventBus.BehaviourTests.Support;

namespace EventBus.BehaviourTests;

/// <summary>Keys of any kind. A durable subscription's keys are text in the log: which ones it may have is told by its own tests.</summary>
public sealed class OddKeyTests
{
    [Fact]
    public Task Odd_strings_are_keys_like_any_other() =>
        AllKeysRunAtOnceEachInOrder("", new string('x', 1 << 20), "\0", "\0\0", "\U0001F600", "\ud83d", "\ude00", "e\u0301");

    [Fact]
    public Task Keys_whose_hashes_collide_do_not_block_each_other() =>
        AllKeysRunAtOnceEachInOrder([.. Enumerable.Range(0, 8).Select(static id => new Colliding(id))]);

    [Fact]
    public async Task A_key_that_cannot_be_read_keeps_the_event_from_its_own_subscription_only()
    {
        var handled = new List<string>();
        await using var bus = new EventBusBuilder()
            .Handle<string>((_, _, _) => { lock (handled) handled.Add("first"); return default; }, s => s.Named("first"))
            .Handle<string>((_, _, _) => { lock (handled) handled.Add("broken"); return default; }, s => s.Named("broken").OrderedBy(Unreadable))
            .Handle<string>((_, _, _) => { lock (handled) handled.Add("last"); return default; }, s => s.Named("last").OrderedBy(fact => fact))
            .Build();

        var error = await Assert.ThrowsAnyAsync<PublishException>(() => bus.PublishAsync("fact").AsTask());
        await bus.WhenSettled();

        Assert.IsNotType<QueueFullException>(error);
        Assert.Contains("'broken'", error.Message, StringComparison.Ordinal);
        Assert.Equal(["first", "last"], handled.Order());

        static int Unreadable(string fact) => throw new InvalidOperationException("no key");
    }

    private static async Task AllKeysRunAtOnceEachInOrder<TKey>(params TKey[] keys)
        where TKey : notnull
    {
        var held = new HeldHandler(keys.Length);
        var history = new KeyedHistory<TKey>();
        await using var bus = new EventBusBuilder()
            .Handle<Fact<TKey>>(
                async (fact, _, _) =>
                {
                    if (fact.Number == 0)
                        await held.HoldAsync();
                    await history.HandleAsync(fact.Key, fact.Number);
                },
                s => s.OrderedBy(fact => fact.Key).Concurrency(keys.Length))
            .Build();

        for (var number = 0; number < 50; number++)
        {
            foreach (var key in keys)
                await bus.PublishAsync(new Fact<TKey>(key, number));
        }

        await held.Entered;
        held.Open();
        await bus.WhenSettled();
        Assert.Equal(0, history.Overlaps);
        foreach (var key in keys)
            Assert.Equal(Enumerable.Range(0, 50), history[key]);
    }

    private sealed record Fact<TKey>(TKey Key, int Number);

    private sealed record Colliding(int Id)
    {
        public override int GetHashCode() => 42;
    }
}
