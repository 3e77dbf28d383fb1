using System.Threading.Channels;
using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Ordered;

/// <summary>The limit of order by key: eight channels, the key's hash says which. A slow event holds up its whole channel.</summary>
internal sealed class ChannelsByHash : Contender
{
    private const int Channels = 8;

    private readonly KeySequence _sequence;
    private readonly KeyCounters _counters = new();
    private readonly Channel<KeyedFact>[] _channels = new Channel<KeyedFact>[Channels];
    private readonly Task[] _readers = new Task[Channels];

    public ChannelsByHash(KeySequence sequence)
    {
        _sequence = sequence;
        for (var i = 0; i < Channels; i++)
        {
            var channel = _channels[i] = Channel.CreateBounded<KeyedFact>(new BoundedChannelOptions(1024 / Channels) { SingleReader = true, SingleWriter = true });
            _readers[i] = Task.Run(() => ReadAsync(channel.Reader));
        }
    }

    public override void Prepare(int events) => _counters.Reset(_sequence, events);

    public override async Task RunAsync(int events)
    {
        for (var i = 0; i < events; i++)
        {
            var fact = _sequence[i];
            await _channels[(uint)fact.Key.GetHashCode() % Channels].Writer.WriteAsync(fact);
        }

        await _counters.Finished;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Writer.Complete();
        await Task.WhenAll(_readers);
    }

    private async Task ReadAsync(ChannelReader<KeyedFact> reader)
    {
        while (await reader.WaitToReadAsync())
        {
            while (reader.TryRead(out var fact))
                _counters.Count(fact);
        }
    }
}
