namespace EventBus.Testing.Tests;

/// <summary>Streams and observers of a bus under test.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task A_stream_that_nobody_reads_keeps_no_test_waiting_and_its_deliveries_are_in_the_history()
    {
        await using var bus = TestBus.Create(static _ => { });
        await using var reader = bus.StreamAsync<string>(new StreamOptions { Capacity = 1, Name = "page" }).GetAsyncEnumerator();

        var published = await bus.StimulateAsync("one");
        await bus.PublishAsync("two");
        await bus.WhenIdleAsync();
        await bus.WhenIdleAsync(published);

        Assert.Equal(["one", "two"], bus.History.HandledBy<string>("page-1"));
    }

    [Fact]
    public async Task What_an_observer_does_is_waited_for()
    {
        var got = new List<int>();
        await using var bus = TestBus.Create(static _ => { });
        using var observation = bus.AsObservable<int>(static s => s.Named("screen")).Subscribe(new Collector(got));

        await bus.PublishAsync(1);
        await bus.WhenIdleAsync();

        Assert.Equal([1], got);
        Assert.Equal([1], bus.History.HandledBy<int>("screen"));
    }

    private sealed class Collector(List<int> got) : IObserver<int>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(int value) => got.Add(value);
    }
}
