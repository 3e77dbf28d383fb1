using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Queued;

internal static class QueuedCases
{
    public static IEnumerable<Case> All =>
    [
        new(
            "queued, 1 subscriber",
            "Channel<T>, one reader",
            Goal.Ratio(1.0, 0.6).AndNoBytes(),
            () => new RawChannels(1, 1),
            () => new QueuedBus(1, 1)),
        new(
            "queued, 4 subscribers",
            "four channels",
            Goal.Ratio(1.0, 0.8).AndNoBytes(),
            () => new RawChannels(4, 1),
            () => new QueuedBus(4, 1)),
        new(
            "queued, 4 publishers",
            "Channel<T>, four writers",
            Goal.Ratio(1.0, 0.8).AndNoBytes(),
            () => new RawChannels(1, 4),
            () => new QueuedBus(1, 4)),
    ];
}
