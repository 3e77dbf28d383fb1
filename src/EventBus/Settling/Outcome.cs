namespace EventBus.Settling;

/// <summary>What one attempt came to, as a value.</summary>
internal sealed class Outcome
{
    public static readonly Outcome Handled = new(OutcomeKind.Handled);
    /// <summary>As <see cref="Handled"/>, where somebody looks on: it is settled by the settler and not in passing.</summary>
    public static readonly Outcome HandledInSight = new(OutcomeKind.Handled);

    public static readonly Outcome Filtered = new(OutcomeKind.Filtered);
    public static readonly Outcome Expired = new(OutcomeKind.Expired);
    public static readonly Outcome Duplicate = new(OutcomeKind.Duplicate);

    private Outcome(OutcomeKind kind) => Kind = kind;

    public OutcomeKind Kind { get; }

    public Exception? Error { get; private init; }

    /// <summary>How long to wait at least, where the attempt itself knows.</summary>
    public TimeSpan Delay { get; private init; }

    public static Outcome Failed(Exception error) => new(OutcomeKind.Failed) { Error = error };

    /// <summary>Could not be tried: comes again, and no attempt is counted.</summary>
    public static Outcome Postponed(TimeSpan delay, Exception? error) => new(OutcomeKind.Postponed) { Delay = delay, Error = error };
}

/// <summary>The ways an attempt can end.</summary>
internal enum OutcomeKind
{
    Handled,
    Filtered,
    Expired,
    Duplicate,
    Failed,
    Postponed,
}
