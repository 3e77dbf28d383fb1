using EventBus.Benchmarks.Harness;

namespace EventBus.Benchmarks.Startup;

internal static class StartupCases
{
    public static IEnumerable<Case> All => [Of("fresh process, 1 handler", 1), Of("fresh process, 100 handlers", 100)];

    private static Case Of(string name, int handlers) =>
        new(
            name,
            "DI: build, resolve, call",
            Goal.Ratio(1.5),
            () => new FreshProcess(FirstEvent.OnContainer, handlers),
            () => new FreshProcess(FirstEvent.OnBus, handlers))
        {
            Events = 1,
            Rounds = 11,
            WarmUps = 1,
            WarmUpEvents = 1,
        };
}
