using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Ordered;

/// <summary>One subscription in order by key, eight at once.</summary>
internal sealed class OrderedBus : Contender
{
    private readonly KeySequence _sequence;
    private readonly KeyCounters _counters = new();
    private readonly IEventBus _bus;

    public OrderedBus(KeySequence sequence, TimeSpan handlerTime)
    {
        _sequence = sequence;
        IEventHandler<KeyedFact> handler = handlerTime > TimeSpan.Zero ? new WaitingHandler(_counters, handlerTime) : new KeyCountingHandler(_counters);
        _bus = new EventBusBuilder()
            .AddHandler(handler, static s => s.OrderedBy(static fact => fact.Key).Concurrency(8))
            .Build();
    }

    public override void Prepare(int events) => _counters.Reset(_sequence, events);

    public override async Task RunAsync(int events)
    {
        var publisher = _bus.For<KeyedFact>();
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(_sequence[i]);
        await _counters.Finished;
    }

    public override ValueTask DisposeAsync() => _bus.DisposeAsync();

    private sealed class KeyCountingHandler(KeyCounters counters) : IEventHandler<KeyedFact>
    {
        public ValueTask HandleAsync(KeyedFact @event, EventContext context, CancellationToken cancellationToken)
        {
            counters.Count(@event);
            return default;
        }
    }

    private sealed class WaitingHandler(KeyCounters counters, TimeSpan time) : IEventHandler<KeyedFact>
    {
        public async ValueTask HandleAsync(KeyedFact @event, EventContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(time, CancellationToken.None);
            counters.Count(@event);
        }
    }
}
