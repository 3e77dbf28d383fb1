using System.Threading.Channels;
using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Ordered;

/// <summary>What order may cost where handlers wait: eight readers of one channel, in no order at all.</summary>
internal sealed class ReadersWithoutOrder : Contender
{
    private readonly KeySequence _sequence;
    private readonly TimeSpan _handlerTime;
    private readonly KeyCounters _counters = new();
    private readonly Channel<KeyedFact> _channel = Channel.CreateBounded<KeyedFact>(new BoundedChannelOptions(1024) { SingleWriter = true });
    private readonly Task[] _readers = new Task[8];

    public ReadersWithoutOrder(KeySequence sequence, TimeSpan handlerTime)
    {
        _sequence = sequence;
        _handlerTime = handlerTime;
        for (var i = 0; i < _readers.Length; i++)
            _readers[i] = Task.Run(ReadAsync);
    }

    public override void Prepare(int events) => _counters.Reset(_sequence, events);

    public override async Task RunAsync(int events)
    {
        for (var i = 0; i < events; i++)
            await _channel.Writer.WriteAsync(_sequence[i]);
        await _counters.Finished;
    }

    public override async ValueTask DisposeAsync()
    {
        _channel.Writer.Complete();
        await Task.WhenAll(_readers);
    }

    private async Task ReadAsync()
    {
        while (await _channel.Reader.WaitToReadAsync())
        {
            while (_channel.Reader.TryRead(out var fact))
            {
                if (_handlerTime > TimeSpan.Zero)
                    await Task.Delay(_handlerTime);
                _counters.CountTogether(fact);
            }
        }
    }
}
