using CsCheck;

namespace EventBus.BehaviourTests.Model;

/// <summary>A random program for durable subscriptions: which there are, and what is done to the bus.</summary>
internal sealed record DurableProgram(int[] Shapes, DurableStep[] Steps)
{
    private static readonly Gen<DurableStep> s_step = Gen.Select(
        Gen.Frequency(
            (30, Gen.Const(DurableStepKind.Publish)),
            (4, Gen.Const(DurableStepKind.PublishMany)),
            (4, Gen.Const(DurableStepKind.PublishAgain)),
            (6, Gen.Const(DurableStepKind.Schedule)),
            (8, Gen.Const(DurableStepKind.Advance)),
            (6, Gen.Const(DurableStepKind.Restart)),
            (6, Gen.Const(DurableStepKind.Crash)),
            (5, Gen.Const(DurableStepKind.Replay)),
            (6, Gen.Const(DurableStepKind.Redrive)),
            (4, Gen.Const(DurableStepKind.Pause)),
            (5, Gen.Const(DurableStepKind.Resume)),
            (5, Gen.Const(DurableStepKind.Release)),
            (4, Gen.Const(DurableStepKind.Retain)),
            (2, Gen.Const(DurableStepKind.Abandon))),
        Gen.Int[0, 99],
        Gen.Int[0, 3],
        Gen.OneOfConst(0, 0, 0, 0, 1, 2, 9),
        Gen.OneOfConst(Manner.AtOnce, Manner.AtOnce, Manner.Yields, Manner.Yields, Manner.Holds),
        Gen.OneOfConst(0, 100, 1_000, 5_000, 40_000),
        static (kind, target, key, failures, manner, milliseconds) => new DurableStep(kind, target, key, failures, manner, milliseconds));

    public static readonly Gen<DurableProgram> Any = Gen.Select(
        Gen.Int[0, DurableShape.All.Count - 1].Array[1, 3],
        s_step.Array[1, 30],
        static (shapes, steps) => new DurableProgram(shapes, steps));

    public override string ToString() =>
        $"\n  {string.Join(", ", Shapes.Select(static shape => DurableShape.All[shape].Name))}\n  {string.Join("\n  ", Steps.AsEnumerable())}\n";
}

internal enum DurableStepKind
{
    Publish,
    PublishMany,
    PublishAgain,
    Schedule,
    Advance,
    Restart,
    Crash,
    Replay,
    Redrive,
    Pause,
    Resume,

    /// <summary>Lets all handlers go that are held.</summary>
    Release,

    /// <summary>Removes the oldest events that everybody has settled.</summary>
    Retain,

    /// <summary>A stop that waits for no handler: what is held stays unsettled, and its handler never returns.</summary>
    Abandon,
}

/// <summary>One step. What it does not need it ignores.</summary>
internal sealed record DurableStep(DurableStepKind Kind, int Target, int Key, int Failures, Manner Manner, int Milliseconds);

/// <summary>A way to subscribe durably, and what it promises.</summary>
internal sealed record DurableShape(string Name, int Concurrency, Func<Fact, string?> KeyOf, Action<SubscriptionBuilder<Fact>> Configure)
{
    public const int MaxAttempts = 3;

    public static readonly IReadOnlyList<DurableShape> All =
    [
        new("fifo", 1, static fact => fact.Key, static s => s.Durable(LogPosition.Earliest)),
        new("small", 1, static fact => fact.Key, static s => s.Durable(LogPosition.Earliest).Capacity(2)),
        new("latest", 1, static fact => fact.Key, static s => s.Durable()) { IsLatest = true },
        new("by-key", 3, static fact => fact.Parity, static s => s.Durable(LogPosition.Earliest).Concurrency(3).OrderedBy(static fact => fact.Parity)),
        new("by-key-small", 2, static fact => fact.Parity, static s => s.Durable().Concurrency(2).Capacity(3).OrderedBy(static fact => fact.Parity)) { IsLatest = true },
        new("strict", 1, static _ => "all", static s => s.Durable(LogPosition.Earliest).StrictlyOrdered()),
        new("idempotent", 1, static fact => fact.Key, static s => s.Durable(LogPosition.Earliest).Idempotent()) { IsIdempotent = true },
        new("idempotent-by-key", 2, static fact => fact.Parity, static s => s.Durable().Concurrency(2).OrderedBy(static fact => fact.Parity).Idempotent()) { IsIdempotent = true, IsLatest = true },
        new("few-rows", 2, static fact => fact.Key, static s => s.Durable(LogPosition.Earliest).Concurrency(2).Capacity(4).MaxParked(2)),
    ];

    public bool IsIdempotent { get; init; }

    /// <summary>Whether it does not get what was there before it.</summary>
    public bool IsLatest { get; init; }
}
