using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Durable;

/// <summary>Durable publishing, each publisher waiting for its own commit; and, where there are subscriptions, until their last handler has returned.</summary>
internal sealed class DurableBus : Contender
{
    private readonly LogFolder _folder = new();
    private readonly Finish _finish = new();
    private readonly Counter[] _counters;
    private readonly bool _endToEnd;
    private readonly int _publishers;
    private readonly IEventBus _bus;

    public DurableBus(int subscriptions, int publishers, bool endToEnd)
    {
        _endToEnd = endToEnd;
        _publishers = publishers;
        _counters = new Counter[subscriptions];
        var builder = new EventBusBuilder().UseSqlite(_folder.ConnectionString).UseJson(OrderJson.Default).AddEvent<OrderLine>(static e => e.Named("order-line").Logged());
        for (var i = 0; i < subscriptions; i++)
        {
            var counter = _counters[i] = new Counter(_finish);
            builder.Handle<OrderLine>(
                (_, _, _) =>
                {
                    counter.Count();
                    return default;
                },
                s => s.Named($"subscription-{i}").Durable());
        }

        _bus = builder.Build();
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
        if (_endToEnd)
            await _finish.Reached;
    }

    // What is left of the last round must not be counted with the next.
    public override async Task<Sample> MeasureAsync(int events)
    {
        var sample = await base.MeasureAsync(events);
        if (_counters.Length > 0)
            await _finish.Reached;
        return sample;
    }

    public override async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        _folder.Dispose();
    }

    private async Task PublishAsync(int events)
    {
        var publisher = _bus.For<OrderLine>();
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(OrderLine.Instance);
    }
}
