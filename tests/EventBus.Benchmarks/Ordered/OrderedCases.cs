using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Ordered;

internal static class OrderedCases
{
    private static readonly TimeSpan s_wait = TimeSpan.FromMilliseconds(1);
    private static readonly KeySequence s_even = new(0);
    private static readonly KeySequence s_hot = new(0.1);

    public static IEnumerable<Case> All =>
    [
        new(
            "by key, 10,000 keys, 8 at once",
            "eight channels by hash",
            Goal.Ratio(1.5, 1.2).AndNoBytes(),
            () => new ChannelsByHash(s_even),
            () => new OrderedBus(s_even, TimeSpan.Zero)),
        new(
            "by key, 10 % on one key",
            "eight readers, no order",
            Goal.Ratio(1.1).AndNoBytes(),
            () => new ReadersWithoutOrder(s_hot, TimeSpan.Zero),
            () => new OrderedBus(s_hot, TimeSpan.Zero)),
        Waiting("by key, handlers wait 1 ms", s_even),
        Waiting("by key, wait 1 ms, 10 % on one key", s_hot),
    ];

    private static Case Waiting(string name, KeySequence sequence) =>
        new(name, "eight readers, no order", Goal.Ratio(1.1), () => new ReadersWithoutOrder(sequence, s_wait), () => new OrderedBus(sequence, s_wait))
        {
            Events = 3_000,
            Rounds = 5,
            WarmUps = 1,
            WarmUpEvents = 1_000,
        };
}
