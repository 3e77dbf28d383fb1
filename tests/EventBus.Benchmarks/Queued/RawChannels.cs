using System.Threading.Channels;
using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Queued;

/// <summary>The limit of queued delivery: bounded channels, one reader each.</summary>
internal sealed class RawChannels : Contender
{
    private readonly int _writers;
    private readonly Finish _finish = new();
    private readonly Channel<Fact>[] _channels;
    private readonly Counter[] _counters;
    private readonly Task[] _readers;

    public RawChannels(int channels, int writers)
    {
        _writers = writers;
        _channels = new Channel<Fact>[channels];
        _counters = new Counter[channels];
        _readers = new Task[channels];
        for (var i = 0; i < channels; i++)
        {
            var channel = _channels[i] = Channel.CreateBounded<Fact>(new BoundedChannelOptions(1024) { SingleReader = true, SingleWriter = writers == 1 });
            var counter = _counters[i] = new Counter(_finish);
            _readers[i] = Task.Run(() => ReadAsync(channel.Reader, counter));
        }
    }

    public override void Prepare(int events)
    {
        _finish.Reset(_counters.Length);
        foreach (var counter in _counters)
            counter.Reset(events);
    }

    public override async Task RunAsync(int events)
    {
        await Publishers.RunAsync(_writers, events, _channels.Length == 1 ? WriteToOneAsync : WriteToAllAsync);
        await _finish.Reached;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Writer.Complete();
        await Task.WhenAll(_readers);
    }

    private static async Task ReadAsync(ChannelReader<Fact> reader, Counter counter)
    {
        while (await reader.WaitToReadAsync())
        {
            while (reader.TryRead(out _))
                counter.Count();
        }
    }

    private async Task WriteToOneAsync(int events)
    {
        var writer = _channels[0].Writer;
        for (var i = 0; i < events; i++)
            await writer.WriteAsync(Fact.Instance);
    }

    private async Task WriteToAllAsync(int events)
    {
        for (var i = 0; i < events; i++)
        {
            foreach (var channel in _channels)
                await channel.Writer.WriteAsync(Fact.Instance);
        }
    }
}
