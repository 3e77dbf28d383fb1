using EventBus.BehaviourTests.Support;
using EventBus.Storage;

namespace EventBus.BehaviourTests.Durable;

public sealed class DurablePublishManyTests : IDisposable
{
    private readonly InMemoryEventLog _log = new();
    private readonly List<int> _durable = [];
    private readonly List<int> _queued = [];

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task A_batch_is_in_the_log_in_its_order_and_everybody_gets_it()
    {
        await using var bus = Bus();

        await bus.PublishManyAsync([new Fact(1), new Fact(2), new Fact(3)]);
        await bus.WhenSettled();

        Assert.Equal([1, 2, 3], _durable);
        Assert.Equal([1, 2, 3], _queued);
        Assert.Equal([1L, 2L, 3L], _log.Read(0, 10).Select(static record => record.Sequence));
    }

    [Fact]
    public async Task Where_one_event_of_a_batch_cannot_be_stored_nobody_gets_any()
    {
        await using var bus = Bus(maxBytes: 40);

        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await bus.PublishManyAsync([new Fact(1), new Fact(2, new string('x', 100))]));
        await bus.WhenSettled();

        Assert.StartsWith("Event 'EventBus.BehaviourTests.Durable.DurablePublishManyTests+Fact' takes 122 bytes in the event log, and the limit is 40.", error.Message);
        Assert.Empty(_durable);
        Assert.Empty(_queued);
        Assert.Empty(_log.Read(0, 10));
    }

    private IEventBus Bus(int maxBytes = 1000) =>
        new EventBusBuilder()
            .UseEventLog(_log)
            .MaxEventBytes(maxBytes)
            .Handle<Fact>(Into(_durable), static s => s.Named("durable").Durable())
            .Handle<Fact>(Into(_queued), static s => s.Named("queued"))
            .Build();

    private static Func<Fact, EventContext, CancellationToken, ValueTask> Into(List<int> list) => (fact, _, _) =>
    {
        list.Add(fact.Number);
        return default;
    };

    internal sealed record Fact(int Number, string Text = "");
}
