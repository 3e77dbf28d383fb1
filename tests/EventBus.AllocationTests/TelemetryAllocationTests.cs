using System.Diagnostics;
using System.Diagnostics.Metrics;
using EventBus.AllocationTests.Support;

namespace EventBus.AllocationTests;

/// <summary>What is told of an event costs no memory where nobody listens, nor where only metrics are wanted. (That nobody listens is what all other tests here measure.)</summary>
public sealed class TelemetryAllocationTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    public async Task Queued_delivery_allocates_nothing_while_metrics_are_collected(int subscribers, int publishers)
    {
        using var metrics = new Metrics();
        await using var run = new QueuedRun(subscribers: subscribers, publishers: publishers);

        var bytes = await run.BytesPerEventAsync();

        Assert.InRange(bytes, 0, Allocations.Tolerance);
        Assert.True(metrics.Measurements > Allocations.Events);
    }

    [Fact]
    public async Task Inline_publish_allocates_nothing_while_metrics_are_collected()
    {
        using var metrics = new Metrics();
        await using var bus = new EventBusBuilder().AddHandler(new NothingHandler(), static s => s.Inline()).Build();
        var publisher = bus.For<Fact>();

        var bytes = Allocations.OfCalls(() => publisher.PublishAsync(Fact.All[0]));

        Assert.Equal(0, bytes);
        Assert.True(metrics.Measurements > 0);
    }

    [Fact]
    public async Task Delivery_allocates_nothing_again_once_nobody_wants_traces_any_more()
    {
        await using var run = new QueuedRun();
        using (var listener = new ActivityListener { ShouldListenTo = static source => source.Name == "EventBus", Sample = static (ref _) => ActivitySamplingResult.AllData })
        {
            ActivitySource.AddActivityListener(listener);
            Assert.True(await run.BytesPerEventAsync(1_000) > Allocations.Tolerance);
        }

        Assert.InRange(await run.BytesPerEventAsync(), 0, Allocations.Tolerance);
    }

    private sealed class Metrics : IDisposable
    {
        private readonly MeterListener _listener = new() { InstrumentPublished = static (instrument, listener) => ListenTo(instrument, listener) };
        private long _measurements;

        public Metrics()
        {
            _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Interlocked.Increment(ref _measurements));
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _measurements));
            _listener.Start();
        }

        public long Measurements => Volatile.Read(ref _measurements);

        public void Dispose() => _listener.Dispose();

        private static void ListenTo(Instrument instrument, MeterListener listener)
        {
            if (instrument.Meter.Name == "EventBus")
                listener.EnableMeasurementEvents(instrument);
        }
    }
}
