using EventBus.Benchmarks.Harness;
using EventBus.Benchmarks.Queued;

namespace EventBus.Benchmarks.Durable;

internal static class DurableCases
{
    /// <param name="logged">How many events the log holds where it is read, or opened.</param>
    public static IEnumerable<Case> All(int logged)
    {
        foreach (var (publishers, bound) in ((int, double)[])[(1, 1.15), (4, 1.15), (16, 1.15), (64, 1.15), (256, 1.25)])
        {
            yield return Of(
                $"durable publish, {publishers} publishers",
                "bare group-committing writer",
                Goal.Ratio(bound).AndAtMostBytes(800),
                publishers,
                () => new BareWriter(publishers),
                () => new DurableBus(1, publishers, endToEnd: false));
        }

        foreach (var publishers in (int[])[1, 16, 256])
        {
            yield return Of(
                $"durable publish, {publishers}, and fsync",
                "file and fsync, grouped",
                Goal.Reported(),
                publishers,
                () => new FileWriter(publishers),
                () => new DurableBus(1, publishers, endToEnd: false));
        }

        foreach (var (subscriptions, bound) in ((int, double)[])[(1, 1.3), (10, 2.0)])
        {
            yield return Of(
                $"durable end to end, {subscriptions} subscriptions",
                "durable publish alone",
                Goal.Ratio(bound),
                16,
                () => new DurableBus(0, 16, endToEnd: false),
                () => new DurableBus(subscriptions, 16, endToEnd: true));
        }

        yield return new(
            $"durable catching up {logged:N0} events",
            "raw reader of the same rows",
            Goal.Ratio(2.5, 2.0),
            () => new RawReader(logged),
            () => new CatchingUp(logged)) { Events = logged, Rounds = 5, WarmUps = 2, WarmUpEvents = logged };
        yield return new(
            $"durable opening {logged:N0} settled events",
            "opening an empty log",
            Goal.Ratio(3),
            () => new Opening(0),
            () => new Opening(logged)) { Events = 1, Rounds = 15, WarmUps = 3, WarmUpEvents = 1 };
        yield return new(
            "queued, a log that nobody uses",
            "queued without a log",
            Goal.Ratio(1.05).AndNoBytes(),
            () => new QueuedBus(1, 1),
            () => new QueuedBus(1, 1, builder: static builder => builder.UseEventLog(new Storage.InMemoryEventLog())));
    }

    private static Case Of(string name, string limit, Goal goal, int publishers, Func<Contender> bare, Func<Contender> ours) =>
        new(name, limit, goal, bare, ours)
        {
            Events = publishers * Math.Max(40, 1000 / publishers),
            Rounds = 7,
            WarmUps = 6,
            WarmUpEvents = publishers * Math.Max(10, 200 / publishers),
        };
}
