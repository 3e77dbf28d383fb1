using System.Threading.Channels;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Latency;

internal sealed class ChannelLatency : LatencyContender
{
    private readonly Channel<Fact> _channel = Channel.CreateBounded<Fact>(new BoundedChannelOptions(1024) { SingleReader = true, SingleWriter = true });
    private readonly Task _reader;

    public ChannelLatency() => _reader = Task.Run(ReadAsync);

    public override async ValueTask DisposeAsync()
    {
        _channel.Writer.Complete();
        await _reader;
    }

    protected override ValueTask PublishAsync() => _channel.Writer.WriteAsync(Fact.Instance);

    private async Task ReadAsync()
    {
        while (await _channel.Reader.WaitToReadAsync())
        {
            while (_channel.Reader.TryRead(out _))
                Handled();
        }
    }
}

internal sealed class BusLatency : LatencyContender
{
    private readonly IEventBus _bus;
    private readonly IEventPublisher<Fact> _publisher;

    public BusLatency()
    {
        _bus = new EventBusBuilder().AddHandler(new NotingHandler(Handled)).Build();
        _publisher = _bus.For<Fact>();
    }

    public override ValueTask DisposeAsync() => _bus.DisposeAsync();

    protected override ValueTask PublishAsync() => _publisher.PublishAsync(Fact.Instance);

    private sealed class NotingHandler(Action handled) : IEventHandler<Fact>
    {
        public ValueTask HandleAsync(Fact @event, EventContext context, CancellationToken cancellationToken)
        {
            handled();
            return default;
        }
    }
}
