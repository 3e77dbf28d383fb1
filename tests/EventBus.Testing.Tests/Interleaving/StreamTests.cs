using EventBus.Storage;

namespace EventBus.Testing.Tests.Interleaving;

/// <summary>Streams in seeded runs: in every interleaving nothing is missing and nothing comes twice.</summary>
public sealed class StreamTests
{
    private const int Times = 150;

    private static readonly TimeSpan s_safetyNet = TimeSpan.FromMinutes(5);

    private sealed record Placed(int Number);

    [Fact]
    public Task A_live_stream_gets_everything_while_its_reader_and_publishers_go_on() => RunAsync(async run =>
    {
        await using var bus = new EventBusBuilder().Build();
        await using var reader = bus.StreamAsync<Placed>().GetAsyncEnumerator();

        var publishing = PublishAsync(bus, 1, 6);
        for (var number = 1; number <= 6; number++)
        {
            Assert.True(await reader.MoveNextAsync());
            Assert.Equal((number, 0L), (reader.Current.Event.Number, reader.Current.Missed));
        }

        await publishing;
        await bus.StopAsync();
        Assert.False(await reader.MoveNextAsync());
    });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public Task A_stream_from_the_log_changes_to_live_without_a_gap_and_none_twice(int capacity) => RunAsync(async run =>
    {
        await using var bus = new EventBusBuilder().UseEventLog(static _ => new InMemoryEventLog()).AddEvent<Placed>(static e => e.Logged()).Build();
        await bus.StartAsync();
        await PublishAsync(bus, 1, 4);

        var publishing = Task.WhenAll(PublishAsync(bus, 5, 8), PublishAsync(bus, 9, 12));
        await using var reader = bus.StreamAsync<Placed>(new StreamOptions { From = LogPosition.Earliest, Capacity = capacity }).GetAsyncEnumerator();
        var got = new List<long>();
        while (got.Count < 12)
        {
            Assert.True(await reader.MoveNextAsync());
            got.Add(reader.Current.Metadata.Sequence!.Value);
            await Task.Yield();
        }

        await publishing;
        Assert.Equal(Enumerable.Range(1, 12).Select(static number => (long)number), got);
    });

    [Fact]
    public Task An_observer_gets_everything_and_then_the_end() => RunAsync(async run =>
    {
        var observer = new Observer();
        await using var bus = new EventBusBuilder().Build();
        bus.AsObservable<Placed>().Subscribe(observer);

        await Task.WhenAll(PublishAsync(bus, 1, 3), PublishAsync(bus, 4, 6));
        await bus.StopAsync();
        await run.WhenQuietAsync();

        Assert.Equal([1, 2, 3, 4, 5, 6, 0], [.. observer.Calls.Take(observer.Calls.Count - 1).Order(), observer.Calls[^1]]);
    });

    private static async Task PublishAsync(IEventBus bus, int from, int to)
    {
        for (var number = from; number <= to; number++)
            await bus.PublishAsync(new Placed(number));
    }

    private static Task RunAsync(Func<SeededRun, Task> test) => Interleavings.RunAsync(Times, test).WaitAsync(s_safetyNet);

    private sealed class Observer : IObserver<Placed>
    {
        public List<int> Calls { get; } = [];

        public void OnCompleted() => Calls.Add(0);

        public void OnError(Exception error) => Calls.Add(-1);

        public void OnNext(Placed value) => Calls.Add(value.Number);
    }
}
