using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Telemetry;

/// <summary>Another contender, whose rounds somebody listens to. Whoever listens hears the whole process, and so goes away in between.</summary>
internal sealed class ListenedTo(Contender contender, Func<IDisposable> listen) : Contender
{
    public override void Prepare(int events) => contender.Prepare(events);

    public override Task RunAsync(int events) => contender.RunAsync(events);

    public override async Task<Sample> MeasureAsync(int events)
    {
        using var listener = listen();
        return await base.MeasureAsync(events);
    }

    public override ValueTask DisposeAsync() => contender.DisposeAsync();
}
