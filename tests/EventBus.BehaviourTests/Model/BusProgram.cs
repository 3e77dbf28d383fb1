using CsCheck;

namespace EventBus.BehaviourTests.Model;

/// <summary>A random program: which subscriptions there are, and what is done to the bus.</summary>
internal sealed record BusProgram(int[] Shapes, Step[] Steps)
{
    private static readonly Gen<Step> s_step = Gen.Select(
        Gen.Frequency(
            (40, Gen.Const(StepKind.Publish)),
            (4, Gen.Const(StepKind.PublishAgain)),
            (2, Gen.Const(StepKind.CancelPublishers)),
            (6, Gen.Const(StepKind.Pause)),
            (8, Gen.Const(StepKind.Resume)),
            (12, Gen.Const(StepKind.Advance)),
            (3, Gen.Const(StepKind.Stop)),
            (6, Gen.Const(StepKind.Start)),
            (3, Gen.Const(StepKind.Subscribe)),
            (3, Gen.Const(StepKind.Dispose)),
            (6, Gen.Const(StepKind.Redrive))),
        Gen.Int[0, 99],
        Gen.Int[0, 3],
        Gen.OneOfConst(0, 0, 0, 0, 1, 2, 9),
        Gen.OneOfConst(Manner.AtOnce, Manner.AtOnce, Manner.Yields, Manner.Follows),
        Gen.OneOfConst(0, 100, 1_000, 5_000, 40_000),
        static (kind, target, key, failures, manner, milliseconds) => new Step(kind, target, key, failures, manner, milliseconds));

    public static readonly Gen<BusProgram> Any = Gen.Select(
        Gen.Int[0, Shape.All.Count - 1].Array[1, 3],
        s_step.Array[1, 40],
        static (shapes, steps) => new BusProgram(shapes, steps));

    public override string ToString() =>
        $"\n  {string.Join(", ", Shapes.Select(static shape => Shape.All[shape].Name))}\n  {string.Join("\n  ", Steps.AsEnumerable())}\n";
}

internal enum StepKind
{
    Publish,
    PublishAgain,
    CancelPublishers,
    Pause,
    Resume,
    Advance,
    Stop,
    Start,
    Subscribe,
    Dispose,
    Redrive,
}

/// <summary>How a handler goes about an event.</summary>
internal enum Manner
{
    AtOnce,
    Yields,
    Follows,

    /// <summary>Runs until a later step, or the end, lets it go. In programs of durable subscriptions.</summary>
    Holds,
}

/// <summary>One step. What it does not need it ignores.</summary>
internal sealed record Step(StepKind Kind, int Target, int Key, int Failures, Manner Manner, int Milliseconds)
{
    public override string ToString() => Kind switch
    {
        StepKind.Publish => $"Publish key {Key}, fails {Failures}, {Manner}",
        StepKind.PublishAgain => $"PublishAgain {Target}, key {Key}, fails {Failures}, {Manner}",
        StepKind.Advance or StepKind.Stop => $"{Kind} {Milliseconds} ms",
        StepKind.Start or StepKind.CancelPublishers => $"{Kind}",
        _ => $"{Kind} {Target}",
    };
}

/// <summary>The event. Its number is its own, its id may be used twice.</summary>
internal sealed record Fact(int Number, int Publisher, string? Key, string Id, int Failures, Manner Manner, bool IsFollowUp)
{
    /// <summary>The number of the event whose handler published it.</summary>
    public int? Cause { get; init; }

    public string Parity => Number % 2 == 0 ? "even" : "odd";

    public override string ToString() => $"#{Number} (id {Id}, key {Key ?? "none"}, publisher {Publisher})";
}

/// <summary>A way to subscribe, and what it promises.</summary>
internal sealed record Shape(string Name, int Concurrency, Func<Fact, string?> KeyOf, Action<SubscriptionBuilder<Fact>> Configure)
{
    public const int MaxAttempts = 3;

    public static readonly IReadOnlyList<Shape> All =
    [
        new("fifo", 1, static fact => fact.Key, static _ => { }),
        new("concurrent", 4, static fact => fact.Key, static s => s.Concurrency(4).Retry(RetryPolicy.Immediate(MaxAttempts))),
        new("by-key", 3, static fact => fact.Parity, static s => s.Concurrency(3).OrderedBy(static fact => fact.Parity)),
        new("by-key-one", 1, static fact => fact.Parity, static s => s.OrderedBy(static fact => fact.Parity)),
        new("strict", 1, static _ => "all", static s => s.StrictlyOrdered()),
        new("idempotent", 2, static fact => fact.Key, static s => s.Concurrency(2).Idempotent()) { IsIdempotent = true },
        new("idempotent-fifo", 1, static fact => fact.Key, static s => s.Idempotent()) { IsIdempotent = true },
        new("waits", 1, static fact => fact.Key, static s => s.Capacity(2)),
        new("waits-by-key", 2, static fact => fact.Parity, static s => s.Concurrency(2).Capacity(4).MaxPerKey(1).OrderedBy(static fact => fact.Parity)),
        new("rejects", 1, static fact => fact.Key, static s => s.Capacity(2).Reserve(2).WhenFull(QueueFullMode.Reject)),
        new("rejects-concurrent", 2, static fact => fact.Key, static s => s.Concurrency(2).Capacity(3).Reserve(1).WhenFull(QueueFullMode.Reject)),
        new("drops-oldest", 1, static fact => fact.Key, static s => s.Capacity(2).WhenFull(QueueFullMode.DropOldest)),
        new("drops-oldest-by-key", 2, static fact => fact.Parity, static s => s.Concurrency(2).Capacity(4).WhenFull(QueueFullMode.DropOldest).OrderedBy(static fact => fact.Parity)),
        new("drops-newest", 1, static fact => fact.Key, static s => s.Capacity(2).WhenFull(QueueFullMode.DropNewest)),
        new("drops-newest-concurrent", 2, static fact => fact.Key, static s => s.Concurrency(2).Capacity(2).WhenFull(QueueFullMode.DropNewest)),
    ];

    public bool IsIdempotent { get; init; }
}
