using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Latency;

internal static class LatencyCases
{
    public static IEnumerable<Case> All =>
    [
        new(
            "latency, idle consumer, p50",
            "Channel<T>",
            Goal.Ratio(1.1),
            () => new ChannelLatency(),
            () => new BusLatency())
        {
            Events = 300,
            Rounds = 11,
            WarmUps = 3,
            WarmUpEvents = 100,
        },
    ];
}
