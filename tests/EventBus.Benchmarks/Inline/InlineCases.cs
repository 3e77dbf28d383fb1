using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Inline;

internal static class InlineCases
{
    public static IEnumerable<Case> All
    {
        get
        {
            foreach (var handlers in (int[])[1, 4, 16])
            {
                yield return new(
                    $"inline, For<T>, {handlers} handlers",
                    "loop over IEventHandler<T>[]",
                    Goal.Difference(30 + (6 * handlers), 15 + (3 * handlers)).AndNoBytes(),
                    () => new PlainLoop(handlers),
                    () => new InlineBus(handlers));
            }

            foreach (var handlers in (int[])[1, 4, 16])
            {
                yield return new(
                    $"inline, IEventPublisher, {handlers} handlers",
                    "the same through For<T>",
                    Goal.Difference(17).AndNoBytes(),
                    () => new InlineBus(handlers),
                    () => new InlineBusOfAllTypes(handlers));
            }

            yield return new(
                "inline, 1 scoped handler",
                "DI: create scope, resolve, call",
                Goal.Ratio(1.25).AndNoByteMore(),
                () => new PlainScope(),
                () => new ScopedBus());
        }
    }
}
