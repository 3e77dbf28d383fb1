using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Inline;
using EventBus.Benchmarks.Ordered;
using EventBus.Benchmarks.Queued;
using EventBus.Benchmarks.Stages;

namespace EventBus.Benchmarks.Precise;

public class InlinePublishing : Comparison
{
    private protected override IEnumerable<Case> All => InlineCases.All;
}

public class QueuedDelivery : Comparison
{
    private protected override IEnumerable<Case> All => QueuedCases.All;
}

public class OrderByKey : Comparison
{
    // Those that wait take a second for a few thousand events: the quick table measures them.
    private protected override IEnumerable<Case> All => OrderedCases.All.Where(static @case => @case.WarmUps > 1);
}

public class StagesOnSuccess : Comparison
{
    private protected override IEnumerable<Case> All => StageCases.All;
}
