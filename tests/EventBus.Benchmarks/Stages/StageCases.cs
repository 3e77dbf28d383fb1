using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Queued;
using EventBus.Benchmarks.Support;

namespace EventBus.Benchmarks.Stages;

/// <summary>What a stage costs where it has nothing to do: the same bus with and without it.</summary>
internal static class StageCases
{
    public static IEnumerable<Case> All =>
    [
        Of(
            "retry",
            Goal.Difference(60).AndNoBytes(),
            static s => s.Retry(RetryPolicy.None),
            static s => s.Retry(RetryPolicy.Exponential(5, TimeSpan.FromMilliseconds(200)))),
        Of(
            "timeout",
            Goal.Difference(120).AndNoBytes(),
            static s => s.Timeout(Timeout.InfiniteTimeSpan).ReportStuckAfter(Timeout.InfiniteTimeSpan),
            static s => s.Timeout(TimeSpan.FromMinutes(5)).ReportStuckAfter(Timeout.InfiniteTimeSpan)),
        Of(
            "predicate",
            Goal.Difference(10).AndNoBytes(),
            static _ => { },
            static s => s.Where(static fact => fact is not null)),
        Of(
            "de-duplication",
            Goal.Difference(250),
            static _ => { },
            static s => s.Idempotent()),
    ];

    private static Case Of(string stage, Goal goal, Action<SubscriptionBuilder<Fact>> without, Action<SubscriptionBuilder<Fact>> with) =>
        new($"{stage}, success", "queued without it", goal, () => new QueuedBus(1, 1, without), () => new QueuedBus(1, 1, with));
}
