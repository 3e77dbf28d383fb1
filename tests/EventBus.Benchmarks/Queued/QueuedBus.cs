using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Queued;

/// <summary>Queued delivery, from the publish to the last handler's return.</summary>
internal sealed class QueuedBus : Contender
{
    private readonly int _publishers;
    private readonly Finish _finish = new();
    private readonly Counter[] _counters;
    private readonly IEventBus _bus;

    public QueuedBus(int subscribers, int publishers, Action<SubscriptionBuilder<Fact>>? configure = null, Action<EventBusBuilder>? builder = null)
    {
        _publishers = publishers;
        _counters = new Counter[subscribers];
        var bus = new EventBusBuilder();
        builder?.Invoke(bus);
        for (var i = 0; i < subscribers; i++)
        {
            var counter = _counters[i] = new Counter(_finish);
            bus.AddHandler(new CountingHandler(counter), s =>
            {
                s.Named($"subscriber-{i}");
                configure?.Invoke(s);
            });
        }

        _bus = bus.Build();
    }

    public override void Prepare(int events)
    {
        _finish.Reset(_counters.Length);
        foreach (var counter in _counters)
            counter.Reset(events);
    }

    public override async Task RunAsync(int events)
    {
        await Publishers.RunAsync(_publishers, events, PublishAsync);
        await _finish.Reached;
    }

    public override ValueTask DisposeAsync() => _bus.DisposeAsync();

    private async Task PublishAsync(int events)
    {
        var publisher = _bus.For<Fact>();
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(Fact.Instance);
    }
}
